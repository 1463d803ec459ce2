"""Shapes of the lines of a log: what announces, titles, ends or belongs to an error.

`from_log.py` asks for them; what a line says by itself is a table, `error_lines.toml`.
"""

from __future__ import annotations

from pytest_failtrack.lazily import lazily

# Marks of the CI's own, and other people's warnings.
NEVER = lazily(
    r"##\[(?:group|section|command|warning|debug|notice)\]|::(?:group|warning|debug|notice)\b"
)
# make goes on after it.
WAS_IGNORED = lazily(r"g?make(?:\[\d{1,4}\])?: (?:\[[^\]]{1,300}\] )?Error \d{1,5} \(ignored\)")
# What it says stands in its next line, and it says nothing itself.
HEADINGS = lazily(
    r"\* What went wrong:$|Warning, treated as error:$|Error Message:$|error during build:$"
    r"|Error: Turbopack build failed with \d{1,6} errors?:$"
    r"|(?:[A-Z]\w{0,60}::){0,4}[A-Z]\w{1,60}Error:$"  # rspec
    r"|(?:[A-Z]\w{0,60}::){1,4}[A-Z]\w{1,60}(?:NotFound|Invalid):$"
    r"|configure: error: in [`'].{1,300}:$|ERROR: .{1,200} exit code \d{1,5}, output:$"
    r"|Error in \w[\w.:$]{0,100}\(.{0,200}\) ?: ?$"  # R
    r"|\w{0,40}Error: The following error originated from your "  # cypress
    r"|[\w.]{1,100}MultipleCompilationErrorsException: startup failed:$"  # jenkins
    r"|===> Compiling \S{1,300} failed$|Aborting batchmode due to failure:$"
)
# The same, for want of anything better.
SOFT_HEADINGS = lazily(
    r"(?i:errors?|failures?|failed|violations|problems|failed checks|findings"
    r"|the following tests failed"
    r"|[1-9]\d{0,5} (?:issue|error|problem|violation)\(?s?\)? found):$"
)
NOTHING = lazily(r"(?i:[-*• ]{0,4}(?:none|nothing|no|n/a|0)\b)|[\w ]{1,40}:$|\W{0,200}$")
# A line that is an error, and says in the lines after it which.
OPENS = lazily(
    r"npm (?:ERR!|error) (?:code |ERESOLVE |`npm ci` can only |engine Unsupported |notsup Unsupp)"
)
GOES_ON = lazily(r"-->|on \S{1,200} line \d{1,7}|Caused by:|[╰├]─")
TASK = lazily(r"(?:> )?(?:Execution failed for task |A problem occurred |Could not )")
# What gradle says of a step before it says of its cause, and where the cause only points elsewhere.
STEPS = lazily(
    r"(?:> )?(?:Execution failed for |A problem occurred |Could not determine the dependencies"
    r"|Could not resolve all |A failure occurred while executing |A build operation failed"
    r"|An exception occurred applying plugin|Failed to transform |startup failed:$"
    r"|Could not compile (?:build|settings|initialization) )"
)
# Its cause is no step of its own, and has no mark.
STARTUP = lazily(r"(?:> )?startup failed:$")
ELSEWHERE = lazily(
    r"> (?:There were failing |Compilation (?:failed|error)[;.] |Lint found |Analysis failed "
    r"|\w{1,30} failed with exit |Process '.{1,300}' finished with |Run with --|Get more help)"
)
# Where warnings are errors, the first of them says what went wrong: how each tool says so, and how
# it warns.
AS_ERRORS = tuple(
    (lazily(rf".{{0,200}}(?:{said})"), lazily(warning))
    for said, warning in (
        (r"\(with warnings treated as errors\)", r"[^\s:]{1,300}(?::\d{1,7})?: WARNING: \S"),
        (r"Aborted with \d+ .{0,40}in '?strict'? mode", r"WARNING +-  ?\S"),
        (r"e: warnings found and -Werror", r"w: \S"),
        (r"warnings found and -Werror", r"[^\s:]{1,300}\.java:\d{1,7}: warning: \S"),
        (r"too many warnings \(maximum", r"\d+:\d+ {1,8}warning {1,8}\S"),
        (r"No warnings can be incurred under ", r"\[warn\] \S{1,300}:\d{1,7}"),
        (r"%Error: Exiting due to \d+ warning", r"%Warning-\w{1,40}: \S"),
        (r"failed due to warnings while using the --warnings-as-errors", r"warning: \S"),
    )
)
# Lines after which their list is told.
LISTS = lazily(
    r"Your requirements could not|Undefined symbols for|# npm audit|Found \d+ known|Failure$"
    r"|ERROR in |Failed example:|.{1,300}: Failure$|Author identity|Your lock file does not"
    r"|(?:Database|Compilation|Runtime|Parsing) Error in "
)
# What a runner calls a test, before or instead of a traceback; the assertions that need it.
TITLE = lazily(
    r"(?:● (?!Console)|(?:FAIL|ERROR): (?=\w+ \()|--- FAIL: |\d{1,4}\) |Failed (?=\S+ \[)|✘ "
    r"|✖ (?!\d))"
    r"(?P<title>\S.{0,200}?)(?: [\[(][\d.]{1,12} ?m?s[\])]| ─{2,200})?$"
    r"|(?P<gradle>[\w.$]{1,200} > .{1,200}) FAILED$"
    r"|\+\d{1,6}(?: ~\d{1,6})? -\d{1,6}: (?P<dart>.{1,200}) \[E\]$"
)
BEGINS_TITLE = lazily(r"(?:.{0,40}[Z\]] {1,4})?\s{0,12}(?:\d{1,4}\) |\+\d{1,6}[ ~])")
SAYS_LITTLE = lazily(
    r"expect\(|Failed asserting|Failure/Error|Assert(?:ion(?:Failed)?Error|\.)|Assertion"
    r"|(?:\w{1,60}\.){1,8}Assertion|Error:\s{2,40}Not|Error: Timed out|Expected: "
)
NPM = lazily(r"npm (?:ERR!|error) ?")
# What was raised instead counts; what was raised out of another one only passes it on.
CHAINED = lazily(r"During handling of the above exception")
RAISED = lazily(r"(?:\+ |\| )*(?P<said>[A-Za-z_][\w.]{0,200}(?::(?: .*)?)?)$")
LOCATION = lazily(
    r"(?:\[ERROR\] )?(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()\[\]'\"]{1,300}\.\w{1,8})"
    r"(?::\[|[:(])(?P<line>\d{1,7})(?:[:,.]\d+)*[\])]?(?:[:\s]|$)"
)
COMMAND = lazily(
    r"[$+] |\[command\]|make(?:\[\d+\])?: \*\*\*|##\[|\[ERROR\]|Traceback \(|Post job cleanup"
    r"|Cleaning up |\[Pipeline\]|Finished: |(?:ERROR: )?Job failed|Uploading |Running after_script"
    r"|Saving cache|section_|Build step |(?:Error: )?Process completed|🚨 Error: The command exited"
    r"|Exited with code |The command \"[^\"]{1,300}\" (?:exited|failed)|Done\. Your build exited"
)
LEVEL = lazily(r"(?i:(?:error|fatal|failure|failed)\b[:!]? {1,4})")
# Only announces; the line after it says what, where that has a place or a value.
ANNOUNCES = lazily(
    r"(?i:(?:[\w'-]{1,30} ){0,4}(?:errors?|failures?|problems?|violations?|issues?)"
    r"(?: (?:was|were|has been|have been))? (?:encountered|found|detected|reported|occurred)[.:!]?$"
    r"|.{1,120}\bfailed (?:because of|with) (?:the following )?"
    r"(?:errors?|problems?|violations?)[.:]?$)"
)
ANNOUNCES_MANY = lazily(
    r"(?i:.{1,120}\bfailed with [1-9]\d{0,5} (?:errors?|problems?)[.:]?$"
    r"|.{0,20}\bthe following tests? failed:?$)"
    r"|\./\S{1,300}\.\w{1,8}:\d{1,7}:\d{1,5}$"  # the place, above what is wrong there
)
CONCRETE = lazily(
    r"[\w./\\-]{1,200}\.\w{1,8}(?:::?\S{1,100})?: \S"
    r"|.{0,200}\b(?:is|are|was|must|does|do|expected|got|cannot|can't|could|should) "
    r"\S.{0,200}['\"\d]"
)
# As poetry prints an exception: the type, and under it the message.
BARE = lazily(r" {2}[A-Z]\w{1,60}(?:Error|Exception)$")
# What pytest shows of source that cannot be parsed, before it says so.
UNPARSED = lazily(r"E {3,}File \"")
SOURCE = lazily(r"E {4,}\S")
# ruff and checkov name the rule first, then the place.
RULE_PLACE = lazily(r" *--> |\s{0,9}FAILED for resource: ")
RULE_CODE = lazily(
    r"[A-Z]{1,5}\d{3,4} (?:\[\*\] )?\S|Check: \S"
    r"|(?!warn|note|help|info|hint)[a-z][a-z-]{2,40}(?:\[[\w-]{1,60}\])?: \S"
)
# What a test has written to the console is shown under a heading, whether it fails or not.
CONSOLE = lazily(r"\s{0,12}console\.(?:error|warn|log|info|debug|trace)(?: \S{1,300}:\d+)?$")
# The traceback after it was of no consequence.
IGNORED = lazily(r"\s{0,12}(?:Exception ignored |--- Logging error ---)")
# Frameworks of assertions say what they expected, and in the next line what it was.
EXPECTED = lazily(r"\s{0,12}(?:\[\w{1,10}\] )?[Ee]xpected ?:? \S")
WAS = lazily(r"\s{0,14}(?:\[\w{1,10}\] )?(?:[Aa]ctual|But was|[Gg]ot|[Rr]eceived|[Ff]ound) ?:")
