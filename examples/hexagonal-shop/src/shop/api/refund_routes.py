"""Routes of refunds; FT-R1: exported, and included nowhere."""

router = {"/refunds": "refund"}
