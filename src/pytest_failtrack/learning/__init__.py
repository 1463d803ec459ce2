"""What a failure teaches: drafts of rules, a page of anti-patterns, bundles for repositories."""
