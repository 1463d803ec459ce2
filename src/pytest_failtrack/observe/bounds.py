"""How much is kept of one failure, so that a record is some kilobytes whatever was raised."""

MESSAGE_MAX_CHARS = 2_000
TEXT_MAX_CHARS = 2_400
CAPTURED_MAX_CHARS = 800
FRAMES_MAX = 12
EXCEPTIONS_MAX = 8
