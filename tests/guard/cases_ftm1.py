"""More cases of FT-M1: bodies that do nothing in other words, and definitions that do not last."""

from __future__ import annotations

from failtrack_guard.rules.ftm1_no_way_back import UP, no, ok

RULE = "FT-M1"
METHODS = {"functions": ["*.down"]}
CLASS = "class M:\n    def up(self):\n        a()\n"


def body(*lines: str) -> str:
    """Return a migration whose way back has these lines."""
    return UP + "def downgrade():\n" + "".join(f"    {one}\n" for one in lines)


GOOD = (
    ok("a check before", body("assert op.get_bind(), 'no database'", "op.x()")),
    ok("a local name before", body("name = 'orders'", "op.create_table(name)")),
    ok("a local name of a call", body("made = op.create_table('orders')")),
    ok("a global name", body("global STATE", "STATE = 1")),
    ok("a global name below a condition", body("if x:", "    global STATE", "STATE = 1")),
    ok("a global name deleted", body("global STATE", "del STATE")),
    ok("an attribute", body("op.state = 1")),
    ok("an item", body("STATES['orders'] = 1")),
    ok("an item deleted", body("del STATES['orders']")),
    ok("an operator that calls", body("op >> 'orders'")),
    ok("a function within that is called", body("def back():", "    op.x()", "back()")),
    ok("a function within that is registered", body("@op.run", "def back():", "    op.x()")),
    ok("a local import that is used", body("from legacy import back", "back()")),
    ok("a way back behind a condition that holds", body("if True:", "    op.x()")),
    ok("a way back behind a condition that may hold", body("if x:", "    raise E", "op.x()")),
    ok("a way back that is tried", body("try:", "    op.x()", "except E:", "    pass")),
    ok("a way back in the end", body("try:", "    print()", "finally:", "    op.x()")),
    ok("defined where a condition holds", UP + "if True:\n    def downgrade():\n        op.x()\n"),
    ok(
        "defined where one that never holds does not",
        UP + "if False:\n    pass\nelse:\n    def downgrade():\n        op.x()\n",
    ),
    ok(
        "an empty one that is never defined after a full one",
        body("op.x()") + "if False:\n    def downgrade():\n        pass\n",
    ),
    ok("imported where it runs", UP + "if not TYPE_CHECKING:\n    from m import downgrade\n"),
    ok(
        "defined again after it was deleted",
        body("pass") + "del downgrade\ndef downgrade():\n    op.x()\n",
    ),
    ok("deleted by a condition", body("op.x()") + "if x:\n    del downgrade\n"),
    ok("another one is deleted", body("op.x()") + "def b(): ...\ndel b\n"),
    ok(
        "a method by a condition",
        CLASS + "    if NEW:\n        def down(self):\n            b()\n",
        options=METHODS,
    ),
    ok("a method by another name", CLASS + "    down = back_of(up)\n", options=METHODS),
)
BAD = (
    no("an assertion of zero", body("assert 0"), 6),
    no("an assertion of not true", body("assert not True, 'no'"), 6),
    no("a check alone", body("assert op.get_bind()"), 6),
    no("behind an assertion that never holds", body("assert False", "op.x()"), 6),
    no("behind an error", body("raise RuntimeError('no')", "op.x()"), 6),
    no("behind a return", body("return", "op.x()"), 6),
    no("behind an error on every way", body("if True:", "    raise E", "op.x()"), 6),
    no("the end of the process", body("import sys", "sys.exit('no way back')"), 6),
    no("behind the end of the process", body("exit(1)", "op.x()"), 6),
    no("not implemented, as a value", body("return NotImplemented"), 6),
    no("a bare name", body("NotImplemented"), 6),
    no("local names with types", body("x: int = 1", "y: str"), 6),
    no("two local names", body("x, y = 1, (2, None)"), 6),
    no("a local name that grows", body("x = 1", "x += 1"), 6),
    no("a local name deleted", body("x = 1", "del x"), 6),
    no("a local text", body("x = f'{revision}' + '!'", "print(x)"), 6),
    no("a local import", body("from alembic import op"), 6),
    no("a function within that nobody calls", body("def back():", "    op.x()"), 6),
    no("behind a condition that never holds", body("if False:", "    op.x()"), 6),
    no("behind a condition of types", body("if TYPE_CHECKING:", "    op.x()"), 6),
    no("beside a condition that holds", body("if 1:", "    pass", "else:", "    op.x()"), 6),
    no("nothing is tried", body("try:", "    pass", "except E:", "    raise"), 6),
    no("a log of what is fatal", body("log.critical('no way back')"), 6),
    no("never imported", UP + "if TYPE_CHECKING:\n    from m import downgrade\n", 1),
    no(
        "never defined, a level deeper",
        UP + "if 0:\n    if x:\n        def downgrade():\n            op.x()\n",
        1,
    ),
    no(
        "an empty one before one that is never defined",
        body("pass") + "if False:\n    def downgrade():\n        op.x()\n",
        6,
    ),
    no(
        "never defined, by else",
        UP + "if True:\n    pass\nelse:\n    def downgrade():\n        op.x()\n",
        1,
    ),
    no("deleted among others", body("op.x()") + "def b(): ...\ndel b, downgrade\n", 1),
    no(
        "defined empty after it was deleted",
        body("op.x()") + "del downgrade\ndef downgrade(): ...\n",
        9,
    ),
    no(
        "a method that is deleted",
        CLASS + "    def down(self):\n        b()\n    del down\n",
        1,
        options=METHODS,
    ),
    no(
        "a method that is never defined",
        CLASS + "    if False:\n        def down(self):\n            b()\n",
        1,
        options=METHODS,
    ),
    no("a method that is None", CLASS + "    down = None\n", 4, options=METHODS),
)
