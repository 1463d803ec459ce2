"""The rows of token normalization: what is noise, and what carries meaning after all.

Data for `normalize.py`, applied from the first row to the last; `KEEP` rows (`keeps=`) hide what
they find from the rows after them. Every row has an example, and a test holds them together.
The groups are in order, too: a path is found before what is in it looks like a time or a hash.

Changing a row changes hashes: it stays as it is and ends (`until=`) with the version that a new one
begins with (`since=`), and `NORMALIZATION_VERSION` is raised, so that a failure is still known by
the hash of the version before (C-6). Version 2 (November 2026): base64, byte strings, dumps, pods,
rulers as wide as the terminal, months with a day, am and pm, the order of lists of names, names
that a compiler, BuildKit, a cloud or a runner makes up, identities of Java's objects, lines of more
kinds of files, and the root of a checkout in a container.
"""

from __future__ import annotations

from pytest_failtrack.frozen import frozen

NORMALIZATION_VERSION = 2

DIGITS = "0123456789"
DIGIT = "[0-9]"
SLASH = "/"

# What may stand before a path, a character of one of its segments, and its head: the first slash
# with its first segment. Patterns that begin with a plain character are searched for quickly.
BEFORE = r"""\s'"`,;:=()\[\]{}<|"""
SEG = r"""[^\s/'"`,;:=()\[\]{}<>|\\]"""
HEAD = rf"/(?<![^{BEFORE}]/)"
# A segment of a Windows path, whose separators are doubled in a repr.
WIN_SEG = r"""[^\s\\/:*?"'`<>|,;=()\[\]{}]+"""
WIN_HEAD = rf"(?<![^{BEFORE}])(?:[A-Za-z]:|\\{{2,4}}{WIN_SEG})"
WIN_SEP = r"(?:\\{1,2}|/)"
FILE_NAME = r"[\w.+@-]{0,100}\.[A-Za-z][A-Za-z0-9]{0,7}"
SOURCE_EXT = (
    r"pyi?|pyx|c|cc|cpp|cxx|h|hpp|rs|[cm]?[jt]sx?|go|java|kt|rb|php|cs|swift|scala|sql|sh|"
    r"toml|ya?ml|json|ini|cfg|conf|md|rst|txt|html?|css|xml|csv|log"
)
OTHER_EXT = (
    r"exs?|erl|dart|lua|vue|svelte|s[ac]ss|less|proto|graphql|tf|tfvars|gradle|kts|groovy|cmake|"
    r"bzl|bazel|hxx|ipp|cu|tex|adoc|ipynb|properties|ps1|mm|zig|nim|hs|ml|jl|fs|vb|svg|lock|cabal|"
    r"f9[05]|j2|jinja2?|(?:lib|j)sonnet|prisma|bicep|thrift|rego|tpl|hbs|ejs|pug|mdx|astro|elm|sol|"
    r"qml|xaml|[cf]sproj|props|targets|podspec|gemspec|rake|erb|haml|twig|Rmd"
)
METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
REASONS = (
    "Client Error|Server Error|OK|Created|Accepted|No Content|Moved|Found|Not Modified|"
    "Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Not Acceptable|"
    "Request Timeout|Conflict|Gone|Precondition|Payload Too Large|Unsupported|Unprocessable|"
    "Too Many|Internal Server|Not Implemented|Bad Gateway|Service Unavailable|Gateway Time"
)
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
ZONE = r"(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?"


@frozen
class Row:
    """One rule of the table.

    Args:
        name: What is found.
        pattern: Regular expression; linear, which the tests hold against hostile input.
        placeholder: What it becomes, a template of `re.sub`.
        example: A line in which it shows.
        expected: What the whole table makes of `example`.
        keeps: Characters that later rows must not see in what was found; the text itself stays.
            Used instead of `placeholder`.
        needs: A quick pattern that every line holds in which the row finds something.
        since: First version that has the row.
        until: First version without it, 0 while it is in force. For a row that is not in force in
            every version, `needs` holds for the line as it was given, too.
    """

    name: str
    pattern: str
    placeholder: str
    example: str
    expected: str
    keeps: str = ""
    needs: str = DIGIT
    since: int = 1
    until: int = 0

    def is_in(self, version: int) -> bool:
        """Whether a version of the normalization has the row."""
        return self.since <= version and (not self.until or version < self.until)


def keep(name: str, pattern: str, example: str, needs: str = DIGIT, keeps: str = DIGITS) -> Row:
    """Return a row that protects what it finds from the rows after it."""
    return Row(name, pattern, "", example, example, keeps, needs)


ROWS: tuple[Row, ...] = (
    Row(
        "head of klog",
        r"\b[EWIF][0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{4,9} {1,8}[0-9]{1,9}(?= \S)",
        "<time>",
        "E1103 10:11:12.123456 4711 memcache.go:265] no server",
        "<time> memcache.go:<line>] no server",
        needs=r"[EWIF][0-9]{4}\s",
        since=2,
    ),
    # -- what carries meaning, and is kept ---------------------------------------------------------
    keep(
        "errno",
        r"\[(?:Errno|WinError) -?[0-9]{1,5}\]|\b[Ee]rrno[ =:]{1,2}-?[0-9]{1,5}\b"
        r"|(?:^|: |Error)\([0-9]{1,5}, (?=['\"])",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        needs=r"""rrno|WinError|[0-9], ['"]""",
    ),
    keep(
        "compared status",
        r"^assert [0-9]{1,3} (?:[=!]=|[<>]=?|(?:not )?in) [\[(]?[0-9]{1,3}(?:, [0-9]{1,3}){0,8}"
        r"(?= ?[\])]? where [^\n]{0,60}\b(?:status|status_code|code|returncode|exit_code|errno)\b)",
        "assert 503 == 200 where status_code",
        needs=r"^assert .* where ",
    ),
    keep(
        "HTTP status",
        r"\b(?:HTTP(?:/[0-9.]{1,3})?(?: [Ee]rror| status(?: code)?)?|[Ss]tatus(?:[_ ]?[Cc]ode)?|"
        r"Response|HTTPError|HTTPStatusError)(?: is| was| of)?[ =:'\"\[(]{1,4}[1-5][0-9]{2}\b"
        r"(?:,? (?:but |and )?(?:got|was|is|not|expected|instead of|[=!]=):? [1-5][0-9]{2}\b)?"
        r"|\b[1-5][0-9]{2} (?=" + REASONS + ")",
        "HTTPError: 503 Service Unavailable, status code 502",
    ),
    Row(
        "status of curl",
        r"\bcurl: \([0-9]{1,3}\)(?: The requested URL returned error: [1-5][0-9]{2}\b)?",
        "",
        "curl: (22) The requested URL returned error: 503",
        "curl: (22) The requested URL returned error: 503",
        keeps=DIGITS,
        needs=r"curl: \([0-9]",
        since=2,
    ),
    keep(
        "exit status",
        r"\b(?:exit(?:ed)?(?: with)?(?: (?:code|status))?|exit_?code|return ?code|rc|SystemExit)"
        r"[ =:(]{1,2}-?[0-9]{1,10}\b",
        "CalledProcessError: returned non-zero exit status 2.",
        needs=r"exit|Exit|code|rc",
    ),
    keep(
        "signal",
        r"\bSignals\.SIG[A-Z0-9]{2,8}: [0-9]{1,2}\b|\bSIG[A-Z]{2,6}[0-9]?\b"
        r"|\b[Ss]ignal[ =:#]{1,2}[0-9]{1,2}\b",
        "died with <Signals.SIGSEGV: 11>.",
        needs="SIG|ignal",
    ),
    keep(
        "SQLSTATE",
        r"\bSQL(?:STATE|State|CODE)[ =:\[('\"]{1,3}-?[0-9A-Z]{5}\b"
        r"|\bERROR [0-9]{4} \([0-9A-Z]{5}\)",
        "DatabaseError: duplicate key (SQLSTATE 23505)",
        needs="SQL|ERROR",
    ),
    keep(
        "tool code",
        r"\b(?:(?:E|F|W|C|D|R|CS|TS|CA|SC|NU|BC|FT|LNK|MSB|PLR|RUF|SIM|UP|PGRST|ORA-|PV-|FT-)"
        r"[0-9]{3,5}|CVE-[0-9]{4}-[0-9]{4,7})\b"
        r"|\b(?:[Ee]rror(?::? |\[)|[Ww]arning:? )[A-Z]{1,8}[-_]?[0-9]{1,5}(?=[:\]])",
        "error[E0308]: mismatched types",
        needs=r"[A-Z][-_]?[0-9]",
    ),
    keep(
        "Windows status",
        r"\b0x(?:[Cc]0000[0-9A-Fa-f]{3}|8007[0-9A-Fa-f]{4})\b",
        "crashed with 0xC0000005",
        needs="0x",
    ),
    keep(
        "standard",
        r"\b(?:UTF|utf|ISO|RFC|SHA|sha|AES|MD|HTTP|TLSv?|SSLv?|IPv|X|[Bb]ase|CP|cp|latin)"
        r"[-/. ]?[0-9]{1,5}(?:[-.][0-9]{1,2})?\b",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte",
        needs=r"[A-Za-z][-/. ]?[0-9]",
    ),
    keep(
        "route",
        r"\b(?:" + METHODS + r"|[Rr]oute|[Uu]rl|URL|[Ee]ndpoint|URI|uri|redirect(?:ed)? to)"
        r"[ :='\"]{1,4}/[^\s'\"]{0,400}"
        rf"|{HEAD}(?:api|graphql|rest|v[0-9])(?:/[^\s'\"]{0, 400})?(?![\w-])",
        "AssertionError: GET /orders/pending is slow",
        keeps=SLASH,
        needs=f"(?:^|[{BEFORE}])/",
    ),
    # -- encoded and dumped data, rulers -----------------------------------------------------------
    Row(
        "byte string",
        r"""\bb'[^'\n]{0,400}\\x[^'\n]{0,400}(?:'|$)|\bb"[^"\n]{0,400}\\x[^"\n]{0,400}(?:"|$)""",
        "b'<bytes>'",
        r"bad magic b'\xd0\xcf\x11\xe0'",
        "bad magic b'<bytes>'",
        needs=r"b['\"]",
        since=2,
    ),
    Row(
        "encoded byte string",
        r"\bb'(?=[^'\n]{0,400}[a-z])(?=[^'\n]{0,400}[A-Z])[\w+/.-]{16,400}={0,2}'",
        "b'<id>'",
        "Signature b'hDkpb5nR-Pd38r9V-QBBPXTAlNQ' does not match",
        "Signature b'<id>' does not match",
        needs=r"b'[\w+/.-]{16}",
        since=2,
    ),
    Row(
        "web token",
        r"(?<![\w./-])eyJ[\w-]{10,2000}(?:\.[\w-]{4,2000}){1,2}(?![\w.-])",
        "<id>",
        "bad token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dQw4w9WgXcQ_Ab",
        "bad token <id>",
        needs="eyJ",
        since=2,
    ),
    Row(
        "base64",
        r"(?<![\w+/=.-])(?=[A-Za-z0-9/]{0,2000}[+=])(?=[A-Za-z/+]{0,200}[0-9])"
        r"[A-Za-z0-9][A-Za-z0-9+/]{38,2000}={0,2}(?![\w+/=.-])",
        "<id>",
        "no blob 9sLkQ0dKb+3mXz7Yw2Vt5RrUe8PqLhNc1JfGaTgBoMi=",
        "no blob <id>",
        needs=r"[A-Za-z0-9+/]{39}",
        since=2,
    ),
    Row(
        "base64 for URLs",
        r"(?<![\w./-])(?=[\w-]{20})(?=[A-Z0-9_-]{0,200}[a-z])(?=[a-z0-9_-]{0,200}[A-Z])"
        r"(?:[A-Za-z_-]{0,60}[0-9]{1,60}[A-Za-z]){2}[\w-]{0,2000}(?![\w.])",
        "<id>",
        "no session MIPows7xn979GPAT87a-JJzdr1E",
        "no session <id>",
        needs=r"[\w-]{20}",
        since=2,
    ),
    Row(
        "dump",
        r"(?<![\w:])(?:[0-9a-f]{2}(?: [0-9a-f]{2}){3,400}|[0-9A-F]{2}(?: [0-9A-F]{2}){3,400})"
        r"(?!\w)",
        "<bytes>",
        "bad frame 47 1e cf 06 b2 fd",
        "bad frame <bytes>",
        needs=r"[0-9A-Fa-f]{2} [0-9A-Fa-f]{2} ",
        since=2,
    ),
    Row(
        "ruler",
        r"(?P<mark>[-=_*~#+])(?P=mark){7,}",
        r"\g<mark>\g<mark>\g<mark>",
        "---------------------------------------- bad row",
        "--- bad row",
        needs=r"[-=_*~#+]{8}",
        since=2,
    ),
    # -- what Python and pydantic add to a message -------------------------------------------------
    Row(
        "suggestion",
        r"\.? Did you (?:mean|forget to import):? ?'[^'\n]{0,80}'\?$",
        "",
        "NameError: name 'totl' is not defined. Did you mean: 'total'?",
        "NameError: name 'totl' is not defined",
        needs="Did you",
    ),
    Row(
        "recursion",
        r"maximum recursion depth exceeded.{0,200}$",
        "maximum recursion depth exceeded",
        "RecursionError: maximum recursion depth exceeded in comparison",
        "RecursionError: maximum recursion depth exceeded",
        needs="recursion depth",
    ),
    Row(
        "validated input",
        r", input_value=.{0,400}, input_type=\w{1,80}",
        "",
        "Field required [type=missing, input_value={'amount': 3}, input_type=dict]",
        "Field required [type=missing]",
        needs="input_value=",
    ),
    # -- dates, ids and addresses that nothing else looks like -------------------------------------
    Row(
        "datetime repr",
        r"\bdatetime\.(?:datetime|date|time|timedelta)\((?:[^()\n]{0,120}|"
        r"[^()\n]{0,80}\([^()\n]{0,60}\)[^()\n]{0,20})\)",
        "<time>",
        "assert datetime.datetime(2025, 9, 23, 12, 34) is None",
        "assert <time> is None",
        needs="datetime",
    ),
    Row(
        "timestamp",
        rf"(?<![0-9])[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}(?:[T _]{CLOCK}{ZONE}|T[0-9]{{6}}Z?)?"
        rf"|\b(?:{DAY},? )?[0-9]{{1,2}}[ /-]{MONTH}[ /-][0-9]{{4}}(?:[ :]{CLOCK}{ZONE})?"
        rf"|\b(?:{DAY} )?{MONTH} {{1,2}}[0-9]{{1,2}},? (?:{CLOCK}(?: [0-9]{{4}})?|[0-9]{{4}})\b"
        r"|(?<![0-9/])[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}(?![0-9/])",
        "<time>",
        "no rate for 2025-09-23T12:34:56.789Z",
        "no rate for <time>",
        needs=r"[0-9][-/][0-9]|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    ),
    Row(
        "UUID",
        r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])",
        "<uuid>",
        "OrderNotFound: 3f2b8c1e-9d4a-4e7b-8a6f-0c1d2e3f4a5b",
        "OrderNotFound: <uuid>",
        needs=r"[0-9A-Fa-f]{8}-",
    ),
    Row(
        "address",
        r"\b0x[0-9A-Fa-f]{6,}\b",
        "<addr>",
        "<shop.models.Order object at 0x7f3a5c0d1e80> is not JSON serializable",
        "<shop.models.Order object at <addr>> is not JSON serializable",
        needs="0x",
    ),
    # -- paths and files ---------------------------------------------------------------------------
    Row(
        "path head",
        rf"(?<![^{BEFORE}])(?:file://|sqlite:///|~|\.\.(?:/\.\.){{0,32}})(?=/)",
        "",
        "No such file or directory: '../../rates/eur.csv'",
        "No such file or directory: '<path>/eur.csv'",
        needs="[~./]/",
    ),
    Row(
        "imported from",
        r"(?P<said>cannot import name '[^'\n]{1,200}' from (?:partially initialized module )?"
        r"'[^'\n]{1,200}'(?: \(most likely[^()\n]{1,80}\))?) \((?:[/~]|[A-Za-z]:)[^()\n]{1,400}\)",
        r"\g<said>",
        "cannot import name 'x' from 'y' (/home/al/shop/src/y/z.py)",
        "cannot import name 'x' from 'y'",
        needs="cannot import name",
    ),
    Row(
        "installed package",
        rf"{HEAD}(?:{SEG}+/+)*(?:site|dist)-packages(?=/)"
        rf"|{WIN_HEAD}(?:{WIN_SEP}{WIN_SEG})*{WIN_SEP}(?:site|dist)-packages(?=[\\/])",
        "<site-packages>",
        "no rates in /home/al/.venv/lib/python3.12/site-packages/y/z.py",
        "no rates in <site-packages>/y/z.py",
        needs="-packages",
    ),
    Row(
        "quoted path",
        r"""(?<=')(?:/[^'"/:\n]{1,100}){1,40}(?P<a>/[^'"/:\n]{1,100}\.[A-Za-z][A-Za-z0-9]{0,7})(?=')"""
        r"""|(?<=")(?:/[^'"/:\n]{1,100}){1,40}(?P<b>/[^'"/:\n]{1,100}\.[A-Za-z][A-Za-z0-9]{0,7})(?=")""",
        r"<path>\g<a>\g<b>",
        "No such file or directory: '/Users/Ann Smith/shop/rates.csv'",
        "No such file or directory: '<path>/rates.csv'",
        needs=r"['\"]/",
    ),
    Row(
        "program",
        rf"{HEAD}(?:{SEG}+/+)*s?bin/+(?P<name>{SEG}+)(?!{SEG}|/)",
        r"<path>/\g<name>",
        "No such file or directory: '/usr/local/bin/pg_dump'",
        "No such file or directory: '<path>/pg_dump'",
        needs="bin/",
    ),
    Row(
        "file",
        rf"{HEAD}(?:{SEG}+/+)+(?P<name>{FILE_NAME})(?!{SEG}|/)",
        r"<path>/\g<name>",
        "No such file or directory: '/tmp/pytest-of-al/pytest-12/test_load0/rates.csv'",
        "No such file or directory: '<path>/rates.csv'",
        needs=f"/{SEG}+/",
    ),
    Row(
        "folder",
        rf"{HEAD}(?:{SEG}+/+)+{SEG}*|{HEAD}(?:tmp|root)(?!{SEG})",
        "<path>",
        "Permission denied: '/private/var/folders/x3/k9_2vq/T/tmpab12cd34'",
        "Permission denied: '<path>'",
        needs="/",
    ),
    Row(
        "root of a container",
        rf"{HEAD}(?:app|code|project|repo|src|work|workspace)(?!{SEG}|/)",
        "<path>",
        "detected dubious ownership in repository at '/app'",
        "detected dubious ownership in repository at '<path>'",
        needs="/(?:app|code|project|repo|src|work)",
        since=2,
    ),
    Row(
        "Windows file",
        rf"{WIN_HEAD}(?:{WIN_SEP}{WIN_SEG})*{WIN_SEP}(?P<name>{FILE_NAME})(?![\w\\/])",
        r"<path>/\g<name>",
        r"No such file or directory: 'C:\\Users\\al\\AppData\\Local\\Temp\\x1\\rates.csv'",
        "No such file or directory: '<path>/rates.csv'",
        needs=r":[\\/]|\\\\",
    ),
    Row(
        "Windows folder",
        rf"{WIN_HEAD}(?:{WIN_SEP}{WIN_SEG})+(?:\\{{1,2}})?",
        "<path>",
        r"Access is denied: 'D:\a\shop\build'",
        "Access is denied: '<path>'",
        needs=r":[\\/]|\\\\",
    ),
    Row(
        "temporary name",
        r"(?<![A-Za-z0-9])tmp[a-z0-9_]{8}(?![A-Za-z0-9])"
        r"|(?<![A-Za-z0-9])pytest-of-[\w.-]{1,40}|(?<![A-Za-z0-9])pytest-[0-9]{1,9}\b",
        "<tmp>",
        "no such table: tmpk3_9x2ab",
        "no such table: <tmp>",
        needs="tmp|pytest-",
    ),
    Row(
        "name of mktemp",
        r"(?<![A-Za-z0-9])tmp\.[A-Za-z0-9]{10}(?![A-Za-z0-9])",
        "<tmp>",
        "no dump in tmp.Zq9xY1kL0p",
        "no dump in <tmp>",
        needs=r"tmp\.",
        since=2,
    ),
    Row(
        "folder of pip or rustc",
        r"\b(?P<tool>pip-[a-z-]{3,30}-)[a-z0-9_]{8}(?![\w-])|\b(?P<rust>rustc)[A-Za-z0-9]{6}(?=/)",
        r"\g<tool>\g<rust><tmp>",
        "no wheel in pip-install-q1w2e3r4/shop",
        "no wheel in pip-install-<tmp>/shop",
        needs=r"pip-|rustc[A-Za-z0-9]{6}/",
        since=2,
    ),
    Row(
        "file that NFS keeps",
        r"\.nfs[0-9a-f]{8,40}(?![0-9A-Za-z])",
        ".nfs<hash>",
        "cannot remove .nfs0000000099ffeedd",
        "cannot remove .nfs<hash>",
        needs=r"\.nfs[0-9]|\.nfs[a-f]",
        since=2,
    ),
    # -- lines of files ----------------------------------------------------------------------------
    Row(
        "line behind an address",
        r"#L[0-9]{1,7}(?:-L?[0-9]{1,7})?(?![\w-])",
        "#L<line>",
        "see orders.py#L12-L20",
        "see orders.py#L<line>",
        needs="#L[0-9]",
        since=2,
    ),
    Row(
        "source line",
        rf"\.(?<=[\w>]\.)(?P<ext>{SOURCE_EXT}):[0-9]{{1,9}}(?::[0-9]{{1,9}})?(?![0-9])",
        r".\g<ext>:<line>",
        "src/shop/orders.py:88: undefined name 'totl'",
        "src/shop/orders.py:<line>: undefined name 'totl'",
        needs=r"[A-Za-z]:[0-9]",
    ),
    Row(
        "line of another source",
        rf"\.(?<=[\w>]\.)(?P<ext>{OTHER_EXT}):[0-9]{{1,9}}(?::[0-9]{{1,9}})?(?![0-9])",
        r".\g<ext>:<line>",
        "test/shop/cart_test.exs:7: assertion failed",
        "test/shop/cart_test.exs:<line>: assertion failed",
        needs=rf"\.(?:{OTHER_EXT}):[0-9]",
        since=2,
    ),
    Row(
        "line of a build file",
        r"(?P<name>\b(?:(?:GNU)?[Mm]akefile[0-9]?|[A-Z][a-z]{2,9}file|BUILD|WORKSPACE|meson\.build)"
        r"|<(?:stdin|string|input|anonymous)>)"
        r":[0-9]{1,9}(?::[0-9]{1,9})?(?![0-9])|(?<=<path>):[0-9]{1,9}:[0-9]{1,9}(?=:)",
        r"\g<name>:<line>",
        "Makefile:7: *** missing separator",
        "Makefile:<line>: *** missing separator",
        needs=r"(?:file[0-9]?|BUILD|WORKSPACE|\.build|[gnst]>):[0-9]|:[0-9]{1,9}:[0-9]{1,9}:",
        since=2,
    ),
    Row(
        "line and column",
        r"^[0-9]{1,7}:[0-9]{1,7}(?=:? )|(?<=[(\[])[0-9]{1,7}:[0-9]{1,7}(?:-[0-9]{1,7}:[0-9]{1,7})?"
        r"(?=[)\]])|(?<=\b[Ll]ine )[0-9]{1,7}:[0-9]{1,7}(?![\w:])",
        "<line>",
        "16:10 error 'basket' is not defined no-undef",
        "<line> error 'basket' is not defined no-undef",
        needs=r"(?:^\s{0,99}|[(\[]|ine )[0-9]{1,7}:[0-9]",
        since=2,
    ),
    Row(
        "line and column after a file",
        r"(?P<ext>\.[A-Za-z][A-Za-z0-9]{0,7}) [0-9]{1,7}:[0-9]{1,7}"
        r"(?:-[0-9]{1,7}(?::[0-9]{1,7})?)?(?![\w:])",
        r"\g<ext> <line>",
        "ERROR in ./src/index.js 12:10-44",
        "ERROR in ./src/index.js <line>",
        needs=r"[A-Za-z0-9]\s{1,99}[0-9]{1,7}:[0-9]",
        since=2,
    ),
    Row(
        "line of a contract",
        r"\(l\.[0-9]{1,7}(?:, l\.[0-9]{1,7}){0,40}\)",
        "(l.<num>)",
        "shop.cart -> shop.web.errors (l.51, l.60)",
        "shop.cart -> shop.web.errors (l.<num>)",
        needs=r"\(l\.[0-9]",
        since=2,
    ),
    # -- objects and proxies of Java ---------------------------------------------------------------
    Row(
        "identity of an object",
        r"(?<=[A-Za-z_$\]])@(?=[a-f]{0,8}[0-9])[0-9a-f]{6,8}(?![\w.@-])",
        "@<hash>",
        "com.acme.Channel@10293847:agent is closed",
        "com.acme.Channel@<hash>:agent is closed",
        needs=r"@[0-9a-f]{6}",
        since=2,
    ),
    Row(
        "proxy of Java",
        r"\$Proxy[0-9]{1,6}\b",
        "$Proxy<num>",
        "com.sun.proxy.$Proxy45 is closed",
        "com.sun.proxy.$Proxy<num> is closed",
        needs=r"\$Proxy[0-9]",
        since=2,
    ),
    # -- times -------------------------------------------------------------------------------------
    Row(
        "name of a time zone",
        r"(?<=[0-9>]) (?:UTC|GMT|CES?T|EES?T|WES?T|BST|[ECMP][SD]T|[IJK]ST|MSK) [0-9]{4}\b",
        "",
        "no dump of Mon Feb  2 23:59:59 CET 2026",
        "no dump of <time>",
        needs=r" [A-Z]{3,4} [0-9]{4}",
        since=2,
    ),
    Row(
        "month and day",
        rf"\b{MONTH} {{1,2}}[0-9]{{1,2}}\b(?!:)(?: {CLOCK})?",
        "<time>",
        "no dump of Sep 23",
        "no dump of <time>",
        needs="Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
        since=2,
    ),
    Row(
        "clock time of twelve hours",
        rf"(?<![\w:.]){CLOCK} ?[AaPp]\.?[Mm]\b",
        "<time>",
        "shop is closed at 11:15 PM",
        "shop is closed at <time>",
        needs=r"[0-9] ?[AaPp]\.?[Mm]",
        since=2,
    ),
    Row(
        "time that has passed",
        r"(?<![\w:.])[0-9]{1,3}:[0-9]{2}:[0-9]{1,2}(?:[.,][0-9]{1,9})?(?![\w:])",
        "<time>",
        "gave up 0:00:2.446",
        "gave up <time>",
        needs=r"[0-9]:[0-9]{2}:[0-9]",
        since=2,
    ),
    Row(
        "clock time",
        rf"(?<![\w:.]){CLOCK}{ZONE}(?![\w:])",
        "<time>",
        "shop is closed at 23:15:02",
        "shop is closed at <time>",
        needs=r"[0-9]:[0-9]",
    ),
    # -- network addresses and ports, and what looks like them -------------------------------------
    Row(
        "tag that is a hash",
        r":(?<=[a-z0-9]:)(?=[a-f]{0,39}[0-9])(?=[0-9]{0,39}[a-f])[0-9a-f]{7,40}(?![\w.:-])",
        ":<hash>",
        "no image shop/web:34f2a9c",
        "no image shop/web:<hash>",
        needs=r":[0-9a-f]{7}",
        since=2,
    ),
    Row(
        "zone of an address",
        r"(?<=[0-9A-Fa-f:])%(?:br|docker|en|eth|lo|veth|wlan)[a-z0-9-]{0,14}(?![\w-])",
        "",
        "cannot reach fe80::14cc%eth0",
        "cannot reach <ip>",
        needs=r"[0-9A-Fa-f:]%[a-z]",
        since=2,
    ),
    Row(
        "port of an address in brackets",
        r"(?:(?<=\]):|(?<=::):)[0-9]{2,5}(?![0-9])(?=[:\s/'\",)]|$)",
        ":<port>",
        "dial tcp [fe80::14cc]:1128: i/o timeout",
        "dial tcp [<ip>]:<port>: i/o timeout",
        needs=r"\]:[0-9]|:::[0-9]",
        since=2,
    ),
    Row(
        "IP address",
        r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.]?[0-9])"
        r"|(?<![\w:.])(?=[0-9A-Fa-f:]{0,39}[0-9])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])",
        "<ip>",
        "cannot reach 10.1.0.17",
        "cannot reach <ip>",
        needs=r"[0-9]\.[0-9]|:[0-9A-Fa-f]{0,4}:",
    ),
    Row(
        "size after a name",
        r"(?<=[A-Za-z]:)[0-9]{1,12} ?(?:[kKMGTP]i?)?B\b",
        "<size>",
        "Out of memory: Killed process (app) total-vm:47657kB",
        "Out of memory: Killed process (app) total-vm:<size>",
        needs=r"[A-Za-z]:[0-9]{1,12} ?(?:[kKMGTP]i?)?B",
        since=2,
    ),
    Row(
        "number of one digit after a name",
        r":(?<=[\w\]>.-]:)[0-9](?![0-9]|[:.][0-9])",
        ":<port>",
        "eval:9: bad basket",
        "eval:<port>: bad basket",
        needs=r":[0-9]",
        since=2,
    ),
    Row(
        "port",
        r":(?<=[\w\]>.-]:)[0-9]{2,5}(?![0-9]|[:.][0-9])",
        ":<port>",
        "ConnectionRefusedError: db:5432",
        "ConnectionRefusedError: db:<port>",
        needs=r":[0-9]",
    ),
    Row(
        "named port",
        r"\b(?P<word>[Pp]orts?)(?P<sep>[ =:#]{1,2})[0-9]{1,5}\b",
        r"\g<word>\g<sep><port>",
        'connection to server at "localhost", port 5432 failed',
        'connection to server at "localhost", port <port> failed',
        needs="[Pp]ort",
    ),
    # -- processes, machines, and the names that they make up --------------------------------------
    Row(
        "process id",
        r"\b(?P<word>[Pp][Ii][Dd]|[Pp]rocess(?: id)?)(?P<sep>[ =:#'\"]{1,3})[0-9]{1,10}\b",
        r"\g<word>\g<sep><pid>",
        "lock is held by pid 48213",
        "lock is held by pid <pid>",
        needs=r"[Pp][Ii][Dd]|rocess",
    ),
    Row(
        "worker",
        r"(?<![A-Za-z0-9])gw[0-9]{1,4}(?![A-Za-z0-9])",
        "<worker>",
        "database test_shop_gw3 does not exist",
        "database test_shop_<worker> does not exist",
        needs="gw[0-9]",
    ),
    Row(
        "thread",
        r"(?<![A-Za-z])(?P<word>[A-Za-z]{0,40}?(?:[Tt]hread|[Tt]ask|[Pp]rocess|[Ww]orker|"
        r"[Ee]xecutor|[Pp]ool))-[0-9]{1,9}(?:_[0-9]{1,9})?(?![0-9])",
        r"\g<word>-<num>",
        "Task-12 was never awaited in ForkPoolWorker-3",
        "Task-<num> was never awaited in ForkPoolWorker-<num>",
        needs=r"[a-z]-[0-9]",
    ),
    Row(
        "runner",
        r"\bfv-az[0-9]{1,6}-[0-9]{1,6}\b|\bip(?:-[0-9]{1,3}){4}\b",
        "<host>",
        "unknown host fv-az1204-387",
        "unknown host <host>",
        needs=r"(?:fv|ip)-",
    ),
    Row(
        "object of a compiler",
        r"(?<=/)cc[A-Za-z0-9]{6}(?=\.(?:o|s|c|i|res)\b)",
        "<tmp>",
        "/usr/bin/ld: /tmp/ccXyV6Gz.o: undefined reference to `total'",
        "<path>/ld: <path>/<tmp>.o: undefined reference to `total'",
        needs=r"/cc[A-Za-z0-9]{6}\.",
        since=2,
    ),
    Row(
        "reference of BuildKit",
        r"(?<![A-Za-z0-9])[a-z0-9]{25}::[a-z0-9]{25}(?![A-Za-z0-9])",
        "<id>::<id>",
        "checksum of ref vfayrihsvdxtk43a1eybzebej::dxhdfbwq72osc9xwfruqxdtrr failed",
        "checksum of ref <id>::<id> failed",
        needs="::",
        since=2,
    ),
    Row(
        "request",
        r"\b(?P<word>[Rr]equest[ _-]?I[Dd]|[Rr]equest[ _-]?id|[Cc]orrelation[ _-]?[Ii][Dd])"
        r"(?P<sep>[ :='\"]{1,3})(?=[A-Za-z=/+_-]{0,60}[0-9])[A-Za-z0-9=/+_-]{8,80}",
        r"\g<word>\g<sep><id>",
        "An error occurred (SlowDown), RequestId: Y9IRAANYNHYUV8X3",
        "An error occurred (SlowDown), RequestId: <id>",
        needs="[Rr]equest|[Cc]orrelation",
        since=2,
    ),
    Row(
        "runner of GitHub",
        r"\brunnervm[a-z0-9]{5}(?![\w-])",
        "<host>",
        "lost runnervm6qbrg",
        "lost <host>",
        needs="runnervm",
        since=2,
    ),
    Row(
        "id with a word before it",
        r"\b(?P<word>(?:req|run|job|task|sess|session|evt|trace|msg|dpl|dep|bld|build|exec)_)"
        r"(?=[A-Z0-9]{0,40}[a-z])(?=[a-z0-9]{0,40}[A-Z])(?=[A-Za-z]{0,40}[0-9])"
        r"[A-Za-z0-9]{10,60}(?!\w)",
        r"\g<word><id>",
        "no answer to req_8sHk2LmN0pQr",
        "no answer to req_<id>",
        needs=r"[a-z]_[A-Za-z0-9]{10}",
        since=2,
    ),
    Row(
        "short name of a runner",
        r"\brunner-(?=[a-z]{0,9}[0-9])[0-9a-z_]{8,10}(?![\w-])",
        "<host>",
        "lock is held by runner-l7njf4eq",
        "lock is held by <host>",
        needs="runner-",
        since=2,
    ),
    Row(
        "runner of GitLab",
        r"\brunner-[\w-]{4,40}?-project-[0-9]{1,12}-concurrent-[0-9]{1,4}\b",
        "<host>",
        "unknown host runner-l7njfneq-project-42-concurrent-0",
        "unknown host <host>",
        needs="runner-",
        since=2,
    ),
    Row(
        "pod",
        r"(?<=[a-z0-9])-(?=[a-z-]{0,16}[0-9])[bcdfghjklmnpqrstvwxz2-9]{8,10}-[bcdfghjklmnpqrstvwxz2-9]{5}(?![\w-])",
        "-<id>",
        "web-khcppds4rs-4t75d is evicted",
        "web-<id> is evicted",
        needs=r"-[bcdfghjklmnpqrstvwxz2-9]{8}",
        since=2,
    ),
    Row(
        "pod of letters",
        r"(?<=[a-z0-9])-[bcdfghjklmnpqrstvwxz]{8,10}-[bcdfghjklmnpqrstvwxz2-9]{5}(?![\w-])",
        "-<id>",
        "web-jjmwfnwwcs-qkcnc is evicted",
        "web-<id> is evicted",
        needs=r"-[bcdfghjklmnpqrstvwxz]{8}",
        since=2,
    ),
    # -- sizes and durations -----------------------------------------------------------------------
    Row(
        "size",
        r"(?<![\w.])[0-9]{1,12}(?:[.,][0-9]{1,9})? ?(?:(?:[kKMGTP]i?)?B|[Bb]ytes?)\b",
        "<size>",
        "no room for 1.5 GiB",
        "no room for <size>",
        needs=r"[0-9] ?(?:[kKMGTP]i?)?[Bb]",
        since=2,
    ),
    Row(
        "size with a letter",
        r"(?<![\w.])[0-9]{1,6}(?:\.[0-9]{1,3})?[KMG](?![\w-])",
        "<size>",
        "no room for 12.3M",
        "no room for <size>",
        needs=r"[0-9][KMG]",
        since=2,
    ),
    Row(
        "ordinal",
        r"(?<![\w.])[0-9]{1,9}(?:st|nd|rd|th)\b",
        "<num>th",
        "the 21st order is lost",
        "the <num>th order is lost",
        needs=r"[0-9](?:st|nd|rd|th)",
        since=2,
    ),
    Row(
        "minutes and parts of a second",
        r"(?<![\w.])(?:[0-9]{1,6}h ?)?[0-9]{1,6}m ?[0-9]{1,3}\.[0-9]{1,9}s\b",
        "<duration>",
        "gave up after 1m23.4s",
        "gave up after <duration>",
        needs=r"[0-9]m ?[0-9]",
        since=2,
    ),
    Row(
        "duration",
        r"(?<![\w.])(?:[0-9]{1,12}(?:\.[0-9]{1,12})? ?(?:[nuµμm]?s|m?secs?|(?:milli|micro|nano)?"
        r"seconds?|mins?|minutes?|h|hrs?|hours?|days?)|(?:[0-9]{1,6}[hms] ?){2,3})\b",
        "<duration>",
        "Failed: Timeout (>1.0s) from pytest-timeout.",
        "Failed: Timeout (><duration>) from pytest-timeout.",
        needs=r"[0-9] ?[nuµμmshd]",
    ),
    # -- hashes and random ids ---------------------------------------------------------------------
    Row(
        "named hash",
        r"\b(?P<word>commit|sha|revision|rev|digest|checksum|hash|etag)(?P<sep>[ :='\"]{1,3})"
        r"[0-9A-Fa-f]{6,128}\b",
        r"\g<word>\g<sep><hash>",
        "unknown revision 4821907",
        "unknown revision <hash>",
        needs=r"commit|sha|rev|digest|checksum|hash|etag",
    ),
    Row(
        "hash",
        r"(?<![A-Za-z0-9])(?![0-9]{1,12}e[0-9]{1,3}(?![0-9a-f]))(?:(?=[a-f]{0,127}[0-9])"
        r"(?=[0-9]{0,127}[a-f])[0-9a-f]{7,128}|(?=[A-F]{0,127}[0-9])(?=[0-9]{0,127}[A-F])"
        r"[0-9A-F]{12,128})(?![A-Za-z0-9])",
        "<hash>",
        "layer 9c41d07be2a5 is missing",
        "layer <hash> is missing",
        needs=r"[0-9A-Fa-f]{7}",
    ),
    Row(
        "random id",
        r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]{20})[A-Za-z]{0,60}[0-9]{1,60}[A-Za-z]{1,60}[0-9]{1,60}"
        r"[A-Za-z]{1,60}[0-9][A-Za-z0-9]{0,200}",
        "<id>",
        "no session V1StGXR8Z5jdHi6BmyTq",
        "no session <id>",
        needs=r"[A-Za-z0-9]{20}",
    ),
    # -- versions and numbers ----------------------------------------------------------------------
    Row(
        "short hex",
        r"\b0x[0-9A-Fa-f]{1,5}\b",
        "<num>",
        "can't decode byte 0xff in position 3",
        "can't decode byte <num> in position <num>",
        needs="0x",
    ),
    Row(
        "version of a package",
        r"(?<![\w.])[0-9]{1,9}(?:\.[0-9]{1,9}){1,4}(?:\.?(?:dev|post|rc|a|b)[0-9]{1,9}){1,2}"
        r"(?:\+[A-Za-z0-9.]{1,80})?(?![\w.]?\w)",
        "<num>",
        "no shop 1.6.dev82+gf7cc3dd",
        "no shop <num>",
        needs=r"(?:dev|post|rc|a|b)[0-9]",
        since=2,
    ),
    Row(
        "description by git",
        r"(?<=[0-9])-[0-9]{1,6}-g[0-9a-f]{7,40}(?![0-9a-z])",
        "",
        "no release v1.2.3-12-g9c1b3f2",
        "no release v<num>",
        needs=r"-g[0-9a-f]{7}",
        since=2,
    ),
    Row(
        "version in a name",
        r"(?<=[A-Za-z]_)[0-9]{1,4}(?:\.[0-9]{1,6}){1,3}(?![0-9])",
        "<num>",
        "no Xcode_16.0.app",
        "no Xcode_<num>.app",
        needs=r"[A-Za-z]_[0-9]{1,4}\.",
        since=2,
    ),
    Row(
        "version",
        r"\b(?P<v>[vV])[0-9]{1,9}(?:\.[0-9]{1,9}){1,4}",
        r"\g<v><num>",
        "no release v1.2.3",
        "no release v<num>",
        needs=r"[vV][0-9]",
    ),
    Row(
        "number",
        r"(?<![\w.])-?[0-9][0-9_]*(?:[.,][0-9]+)*(?:[eE][-+]?[0-9]+)?",
        "<num>",
        "AssertionError: total 41.98 != 1,042.00",
        "AssertionError: total <num> != <num>",
    ),
    Row(
        "number in the name of a file",
        r"(?<=[A-Za-z_])\.[0-9]{3,10}(?=\.[A-Za-z]|[\s'\",)\]]|$)",
        ".<num>",
        "shop.4711.lock is held",
        "shop.<num>.lock is held",
        needs=r"[A-Za-z_]\.[0-9]{3}",
        since=2,
    ),
    Row(
        "long number in a name",
        r"(?<=[A-Za-z_])[0-9]{5,}",
        "<num>",
        "unknown column 'rate_20250923'",
        "unknown column 'rate_<num>'",
        needs=r"[A-Za-z_][0-9]{5}",
    ),
)

# After the table and the sorting of members: how many numbers a sequence has differs as well.
NUMBERS = Row(
    "numbers in a row",
    r"<num>(?:, <num>)+",
    "<num>, ...",
    "assert [1, 2, 3] == [1, 2]",
    "assert [...] == [...]",
)
MANY_NUMBERS = Row(
    "nothing but numbers",
    r"(?<=[\[(])<num>(?:(?:,? <num>){1,400}|, \.\.\.)(?=[\])])",
    "...",
    "x is array([0.25 0.75 1.5])",
    "x is array([...])",
    needs=r"[\[(] ?[-+.]?[0-9]",
    since=2,
)
# Names whose order may be that of a set: sorted, and no placeholder.
NAMES = Row(
    "names in a row",
    # not the arguments of a command, whose order means something
    r"(?<!: )(?<!Command '[\[(])(?<!', )'[^'\\\n]{0,200}'(?:, '[^'\\\n]{0,200}'){1,400}(?!:)"
    r"|(?<=: )[A-Za-z_][\w.-]{0,60}(?:, [A-Za-z_][\w.-]{0,60}){2,400}$",
    "",
    "ValueError: missing: gh, ab, ef",
    "ValueError: missing: ab, ef, gh",
    needs=r"', '|\w, \w",
    since=2,
)
