"""More cases of PV-002: code in which each line that is found ends with `# <-`."""

from __future__ import annotations

from failtrack_guard.rule import bad, good

RULE = "PV-002"
FILES = {
    "shop/refs.py": """\
from typing import NewType
class ContentRef(str):
    @classmethod
    def parse(cls, digest): return cls(digest)
""",
    "shop/__init__.py": "from .refs import ContentRef\n",
    "shop/api.py": "from shop import ContentRef as Ref\n__all__ = ['Ref']\n",
    "shop/types.py": """\
from typing import Annotated, NewType, Optional
from shop.refs import ContentRef
Digest = str
MaybeDigest = Optional[str]
Marked = Annotated[str, "sha256"]
PlainRef = NewType("PlainRef", str)
OrderRef = NewType("OrderRef", ContentRef)
class FileRef(ContentRef): pass
class DeepRef(FileRef): pass
class Sha(str): pass
RefAlias = ContentRef
def fingerprint(data: bytes) -> str: ...
def reference(data: bytes) -> ContentRef: ...
def unknown(data): ...
""",
    "shop/helpers.py": """\
import hashlib
from shop.refs import ContentRef
def mk(): return hashlib.sha256(b"").hexdigest()
alias_mk = mk
class Cls:
    NAME = "x"
    ref: ContentRef
    def __init__(self, name: str):
        self.name = name
        self.content_hash = ContentRef(name)
    def title(self) -> str: ...
CONST = {"x": "y"}
DIGESTS = ["a"]
def mk_ref() -> ContentRef: ...
def untyped(): return unknown()
async def aval() -> str: ...
""",
    "shop/kinds.py": """\
import enum
from django.db import models
class Kind(enum.Enum):
    A = "a"
class Choice(models.TextChoices):
    A = "a"
class Plain:
    A = "a"
class Heir(Plain): pass
""",
    "shop/const.py": """\
import hashlib
from dataclasses import dataclass
from shop.refs import ContentRef
EMPTY = "abc"
PLAIN: str = load()
REF = ContentRef("x")
class Names:
    DEFAULT = "x"
def fingerprint(data):
    return hashlib.sha256(data).hexdigest()
def make(data):
    return ContentRef(hashlib.sha256(data).hexdigest())
def label():
    return "x"
@dataclass
class Order:
    name: str
    ref: ContentRef
    content_hash: ContentRef
    def title(self) -> str: ...
""",
}

_GOOD = {
    "a constant that names a key": """
ATTR_CONTENT_HASH = "content_hash"
CONTENT_REF = "content_ref"
class Keys:
    DISCOVERY_HASH = "hash"
""",
    "the type, imported": """
from shop.refs import ContentRef
content_hash: ContentRef = ContentRef("abc")
other_hash = ContentRef("abc")
maybe_hash: ContentRef | None = None
""",
    "the type under another name": """
from shop.refs import ContentRef as Ref
def store(content_hash: Ref) -> None: ...
def content_hash() -> Ref: ...
""",
    "the type through its package": """
import shop
def store(content_hash: shop.ContentRef) -> None: ...
""",
    "the type through its module": """
from shop import refs
import shop.refs
class A:
    content_hash: refs.ContentRef
    old_hash: shop.refs.ContentRef | None
""",
    "the type through a facade": """
from shop.api import Ref
content_hash: Ref = Ref("abc")
""",
    "the type, quoted": """
from typing import TYPE_CHECKING, Optional
if TYPE_CHECKING:
    from shop.refs import ContentRef
class A:
    content_hash: "ContentRef"
    old_hash: "ContentRef | None" = None
    last_hash: Optional["ContentRef"] = None
""",
    "the type in containers": """
from typing import Annotated, Final, Optional, Sequence, Union
from shop.refs import ContentRef
class A:
    a_hash: list[ContentRef]
    b_hash: Sequence[ContentRef]
    c_hash: dict[str, ContentRef]
    d_hash: Optional[ContentRef]
    e_hash: Union[ContentRef, None]
    f_hash: Annotated[ContentRef, "stored"]
    g_hash: Final[ContentRef]
    h_hash: tuple[str, ContentRef]
    i_hash: dict[str, list[ContentRef]]
""",
    "a relative import": """
from .refs import ContentRef
content_hash: ContentRef
""",
    "an alias of the type": """
from typing import TypeAlias
from shop.refs import ContentRef
Ref = ContentRef
Other: TypeAlias = ContentRef
Quoted: TypeAlias = "ContentRef"
def store(a_hash: Ref, b_hash: Other, c_hash: Quoted) -> None: ...
content_hash = Ref("abc")
""",
    "an alias of the type from another file": """
from shop.types import RefAlias
content_hash: RefAlias = RefAlias("abc")
""",
    "a new type over the type": """
from typing import NewType
from shop.refs import ContentRef
OrderRef = NewType("OrderRef", ContentRef)
content_hash: OrderRef = OrderRef(ContentRef("abc"))
""",
    "a new type over the type from another file": """
from shop.types import OrderRef
content_hash: OrderRef
def content_ref() -> OrderRef: ...
""",
    "subclasses of the type from another file": """
from shop.types import DeepRef, FileRef
content_hash: FileRef = FileRef("abc")
other_hash: list[DeepRef]
""",
    "a class of its own that is a string": """
class Own(str):
    def short(self): return self[:8]
other_hash: Own
""",
    "bytes": """
import hashlib
content_hash: bytes = hashlib.sha256(b"x").digest()
digest: bytes | None = None
def compute_hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
raw_digest = b"abc"
""",
    "integers": """
def compute_hash(key: object) -> int:
    return 5
class A:
    hash: int = 0
    def hash(self) -> int:
        return hash(self)
    def __hash__(self) -> int:
        return hash("abc")
""",
    "hash objects": """
import hashlib
digest = hashlib.sha256()
digest.update(b"abc")
def open_digest() -> "hashlib._Hash": ...
hash = hashlib.new("sha256")
""",
    "comparisons": """
def same(order, other, content_hash):
    if order.content_hash == other.content_hash:
        return True
    if content_hash == "abc" or content_hash in ("a", "b") or "a" < content_hash:
        return True
    assert content_hash != "abc"
    match order.content_hash:
        case "abc":
            return False
    return content_hash is None
""",
    "calls of unknown functions": """
from shop.types import unknown
from elsewhere import compute
content_hash = compute("abc")
digest = unknown(b"x")
order.content_hash = store.get("abc")
save(content_hash=compute("abc"), digest=order.make("x"))
content_ref = row["hash"]
""",
    "a function of another file that returns the type": """
from shop.types import reference
content_hash = reference(b"x")
""",
    "names that hold the word": """
rehash = "abc"
hashable: str = "yes"
hash_count: str = "5"
digest_size = "32"
hashes: list[str] = ["a"]
hash_name = "sha256"
digestmod = "sha256"
hexdigest: str = "abc"
contenthash = "abc"
slash: str = "/"
flash = "on"
stash = "git"
hash_ = "x"
hashed = "x"
content_refs: list[str] = []
preferred_content_reference: str = ""
def unhashed() -> str: return "abc"
""",
    "log lines and texts": """
import logging
log = logging.getLogger(__name__)
def show(order):
    log.info("hash %s", order.content_hash)
    log.info("stored", content_hash="abc")
    self.logger.warning("stored", content_hash=str(order.content_hash))
    print("content_hash", "abc")
    return "{content_hash}".format(content_hash=str(order.content_hash))
""",
    "the type is given strings": """
import hashlib
from shop.refs import ContentRef
content_hash = ContentRef(hashlib.sha256(b"x").hexdigest())
other_hash = ContentRef.parse("abc")
third_hash = ContentRef(digest="abc")
fourth_hash = ContentRef.parse(digest="abc")
content_ref = ContentRef(f"sha256:{other_hash}")
""",
    "None and booleans": """
content_hash = None
has_hash: bool = True
def is_hash(value: str) -> bool: return True
def verify_digest(value: bytes) -> bool: ...
field(hash=False)
dataclass(unsafe_hash=True)
""",
    "keys of dictionaries": """
row = {"content_hash": "abc"}
row["content_hash"] = "abc"
columns: dict[str, str] = {"hash": "text"}
__slots__ = ("content_hash", "digest")
""",
    "a parameter that is not typed": """
def store(content_hash, digest=None): ...
lambda content_hash: content_hash
""",
    "it is given on": """
from shop.refs import ContentRef
def store(content_hash: ContentRef) -> None:
    order.content_hash = content_hash
    save(content_hash=content_hash, digest=order.digest)
    self.digest = digest = content_hash
""",
    "the other part of a tuple": """
from shop.refs import ContentRef
name, content_hash = "abc", ContentRef("abc")
content_hash, *names = ContentRef("abc"), "a", "b"
for name, digest in [("a", ContentRef("b")), ("c", ContentRef("d"))]: ...
def read_with_hash() -> tuple[str, ContentRef]: ...
""",
    "a later value": """
from shop.refs import ContentRef
value = "abc"
value = ContentRef(value)
content_hash = value
""",
    "loops over refs": """
from shop.refs import ContentRef
def all(refs: list[ContentRef], by_name: dict[str, ContentRef]):
    for content_hash in refs: ...
    for name, content_hash in by_name.items(): ...
    for content_hash in by_name.values(): ...
    for digest in load("abc"): ...
    return [content_hash for content_hash in refs]
""",
    "members of an enum": """
import enum
from enum import StrEnum
class Column(enum.Enum):
    CONTENT_HASH = "content_hash"
    DIGEST = "digest"
class Kind(StrEnum):
    HASH = "hash"
class Both(str, enum.Enum):
    HASH = "hash"
""",
    "algorithms of hmac": """
import hmac
tag = hmac.digest(b"key", b"message", digest="sha256")
""",
    "str means something else here": """
from shop.refs import ContentRef as str
content_hash: str
""",
    "an alias that has the name": """
from typing import NewType, TypeAlias
Digest = str
Hash: TypeAlias = "str"
ContentDigest = NewType("ContentDigest", str)
_Digest: type[str] = str
""",
    "columns": """
from sqlalchemy import Column, String
from django.db import models
class Order:
    content_hash = Column(String(64))
    digest = models.CharField(max_length=64, default="")
""",
    "callables and classes": """
from typing import Callable
make_hash: Callable[[str], bytes]
class A:
    hash: type[str]
""",
    "functions that take strings": """
from shop.refs import ContentRef
def parse_hash(text: str) -> ContentRef: ...
async def load_hash(path: str, *names: str) -> ContentRef | None: ...
""",
    "a positional argument of another name": """
from shop.refs import ContentRef
def store(name: str, content_hash: ContentRef) -> None: ...
store("abc", ContentRef("abc"))
""",
    "awaited": """
async def compute(data): return other(data)
async def run():
    content_hash = await compute(b"x")
    digest = compute(b"x")
""",
    "star": """
from shop.refs import *
content_hash: ContentRef = ContentRef("abc")
""",
    "replaced in the type itself": """
import dataclasses
from shop.refs import ContentRef
def lower(ref: ContentRef) -> ContentRef:
    ref.digest = "abc"
    return dataclasses.replace(ref, digest="abc")
""",
    "the type or nothing better": """
try:
    from shop.refs import ContentRef
except ImportError:
    ContentRef = str
content_hash: ContentRef
""",
    "what is found by a hash": """
from shop.refs import ContentRef
paths_by_hash: dict[ContentRef, str]
names_by_digest: dict[ContentRef, list[str]] = {}
def path_by_hash(content_hash: ContentRef) -> str: ...
def url_for_content_hash(ref: ContentRef) -> str | None: ...
def file_with_hash(name: str) -> str:
    return "abc"
""",
    "words that look like it": """
from typing import Any, Callable, Literal, NewType
hash_function = "sha256"
hash_algorithm: str = "sha256"
hashtag: str = "#x"
hashed_password: str
digest_method = "md5"
content_ref_id: str
content_reference: str
hash_key: str
hash_file: str
def hash_file(path: str) -> str: ...
def hash_of(path: str) -> str: ...
Digest = NewType("Digest", bytes)
class Hash: ...
class A:
    content_hash: Digest
    a_hash: Any
    b_hash: object
    c_hash: list[bytes]
    d_hash: dict[str, bytes]
    e_hash: Callable[[str], bytes]
    f_hash: Literal["sha256"]
    g_hash: bytes | None
# content_hash = "abc"
TEXT = 'content_hash = "abc"'
""",
    "uses of a hash": """
import hashlib
def run(order, content_hash, row):
    if "content_hash" in row and isinstance(content_hash, str):
        text = str(content_hash)
    name = f"{content_hash}"
    getattr(order, "content_hash", None)
    hashlib.sha256(content_hash)
    return {"content_hash": content_hash, "text": text + name}
""",
    "parts of what is not a tuple here": """
from shop.refs import ContentRef
def pair() -> tuple[ContentRef, str]: ...
def both():
    return ContentRef("a"), "b"
def run(row: tuple[ContentRef, str], rows: list[tuple[ContentRef, str]]):
    content_hash, name = pair()
    content_hash, name = both()
    content_hash, name = row
    content_hash, name = load("a")
    content_hash, *names = row
    content_hash = row[0]
    content_hash = {"size": "5", "hash": ContentRef("a")}["hash"]
    table = {"size": "5", "hash": ContentRef("a")}
    content_hash = table["hash"]
    content_hash = table.get("hash")
""",
    "what mocks were called with": """
from unittest.mock import call
store.save.assert_called_once_with(content_hash="abc")
assert store.mock_calls == [call(content_hash="abc")]
template.substitute(digest="abc")
""",
    "positions after the fields of a base": """
from dataclasses import dataclass
from shop.refs import ContentRef
@dataclass
class Named:
    name: str
@dataclass
class Order(Named):
    content_hash: ContentRef
Order("abc", ContentRef("abc"))
""",
    "columns and fields with titles": """
from sqlalchemy.orm import Mapped, mapped_column
from django.db import models
from pydantic import Field
from shop.refs import ContentRef
class Order:
    content_hash: Mapped[ContentRef] = mapped_column("content_hash", index=True)
    digest = models.Field("the digest")
    old_hash: ContentRef = Field(..., description="abc", alias="hash")
    new_hash: ContentRef = Field(description="abc")
    last_hash: ContentRef = Field(None, title="abc")
""",
    "the setter of a property": """
from shop.refs import ContentRef
class Order:
    @property
    def content_hash(self) -> ContentRef: ...
    @content_hash.setter
    def content_hash(self, value: ContentRef) -> None: ...
    @content_hash.deleter
    def content_hash(self) -> None: ...
""",
    "generic types": """
from typing import Generic, TypeVar
from shop.refs import ContentRef
T = TypeVar("T", bound=ContentRef)
class Box(Generic[T]):
    content_hash: T
    digest: Box[str]
    old_hash: ContentRef[str]
def store(content_hash: T, digest: type[str]) -> None: ...
""",
    "loops over pairs": """
from shop.refs import ContentRef
def run(refs: list[ContentRef], names: list[str], table: dict[str, ContentRef]):
    for number, content_hash in enumerate(refs): ...
    for name, content_hash in zip(names, refs): ...
    for name, content_hash in table.items(): ...
    for name, content_hash in load(names): ...
""",
    "the type is made where it stands": """
import hashlib
from shop.refs import ContentRef
class Order:
    def __init__(self, raw: str, *parts: str) -> None:
        self.content_hash = ContentRef(raw)
        self.digest = ContentRef("".join(parts))
        self.old_hash = ContentRef(raw) if raw else None
        self.new_hash = raw and ContentRef(raw)
        self.last_hash = [raw, ContentRef(raw)][1]
        save(content_hash=ContentRef(str(raw)), digest=ContentRef(f"{raw}"))
""",
    "calls and asserts with hashes": """
def test_hash(order):
    assert order.content_hash == "abc", "the hash"
    assert_digest("abc")
    self.assertEqual(order.digest, "abc")
    verify_hash(order, "abc")
    del order.content_hash
    hash("abc")
    return hash("abc")
""",
    "numbers of hash": """
class Order:
    def __init__(self):
        self.hash = hash("abc")
        self.digest = int("5")
        self._hash = len("abc")
        self.other_hash = "abc" == self.name
        self.last_hash = not "abc"
""",
    "a subclass of the type handles strings": """
from shop.refs import ContentRef
class ShortRef(ContentRef):
    digest: str
    def __new__(cls, digest: str): return super().__new__(cls, digest[:12])
    @property
    def content_hash(self) -> str: return str(self)
""",
    "a store of blobs": """
from __future__ import annotations
import hashlib, hmac, os, struct
from typing import Any, Callable, Literal, Mapping, NewType, Optional, Protocol
from dataclasses import dataclass, field
from shop.refs import ContentRef
ChunkRef = NewType("ChunkRef", ContentRef)
SubRef = NewType("SubRef", ChunkRef)
HashFn = Callable[[bytes], str]
@dataclass(frozen=True)
class Blob:
    content_hash: ContentRef
    parent_hash: ChunkRef | None = None
    sub_digest: Optional[SubRef] = None
    raw_digest: bytes = b""
    hash_algo: str = "sha256"
    hash: Literal["sha256", "sha512"] = field(default_factory=lambda: ALGO)
    digests: list[str] = field(default_factory=list)
    hash_prefix: str = "sha256:"
    hash_fn: HashFn | None = None
    hashed: str = "x"
    def __hash__(self) -> int:
        return hash((self.content_hash, "x"))
    def matches(self, other: str) -> bool:
        return hmac.compare_digest(self.raw_digest, b"x") and str(self.content_hash) == other
def verify(blob: Blob, expected: str) -> bool:
    digest = hashlib.sha256(b"x").digest()
    actual = hashlib.sha256(b"x").hexdigest()
    if actual != expected or blob.content_hash == "abc":
        raise ValueError(f"hash {actual} of {blob.content_hash} is not {expected}")
    return hmac.compare_digest(digest, blob.raw_digest)
def content_hash(data: bytes) -> ContentRef:
    return ContentRef(hashlib.sha256(data).hexdigest())
def compute_digest(data: bytes) -> bytes:
    h = hashlib.sha256()
    h.update(data)
    return h.digest()
def get_hash(x: Any) -> int:
    return struct.unpack("<I", x)[0]
class Keeper(Protocol):
    def by_hash(self, content_hash: ContentRef) -> str: ...
    def hash(self, data: bytes) -> ContentRef: ...
async def fetch(content_ref: ContentRef, name: str = "x") -> bytes:
    content_ref = content_ref or ContentRef("x")
    digest = await other(content_ref)
    digest = content_ref
    return digest
hashers: dict[str, Callable[[bytes], str]] = {}
hash_len = len("abc")
password_hash = bcrypt.hashpw(b"x", b"y")
table_hash: Mapping[str, ContentRef] = {}
""",
    "texts of hashes": """
from shop.refs import ContentRef
def show(content_hash: ContentRef, row):
    name = str(content_hash)
    label = f"{content_hash}"
    print("digest: " + name)
    log(label, digest=content_hash)
    headers = {"X-Content-Hash": str(content_hash), "digest": name}
    row["content_hash"] = str(content_hash)
    row.update({"content_hash": name})
    sql = "select * from x where content_hash = ?"
    con.execute(sql, (name,))
    return headers
def has_hash(x: str) -> bool: return x.endswith("_hash")
def is_content_hash(x: str) -> bool: return True
def check_hash(x: str) -> None: ...
def hash_names(x: str) -> str: return x
def hash_to_path(x: ContentRef) -> str: return str(x)
def path_from_hash(x: ContentRef) -> str: return str(x)
def format_hash_label(x) -> str: return "x"
hash(str("x"))
hash = hash("x")
x.hash()
x.digest()
class C:
    hash = None
    __hash__ = None
    digest_size = 32
    name = "sha256"
    hash_algorithm = "sha256"
""",
    "what is made of strings": """
import re
from shop.refs import ContentRef
HASH_RE = re.compile(r"^[0-9a-f]{64}$")
HASH_PATTERN = "^[0-9a-f]{64}$"
content_hash_pattern: str = "x"
hash_regex = "x"
def parse(text: str) -> ContentRef:
    match = HASH_RE.match(text)
    content_hash = ContentRef(match.group(0))
    a_hash = ContentRef(text.strip())
    b_hash = ContentRef(text.split(":")[1])
    c_hash = ContentRef(open("x").read())
    d_hash = open("x", "rb").read()
    e_hash = text.encode()
    f_hash = bytes.fromhex(text)
    g_hash = int(text, 16)
    h_hash = hash(text)
    i_hash = len(text)
    j_hash = text == "abc"
    k_hash = text in ("a", "b")
    l_hash = text.startswith("x")
    m_hash = text.find("x")
    n_hash = text.count("x")
    o_hash = not text
    p_hash = [ContentRef(x) for x in text.split()]
    q_hash = {ContentRef(x): x for x in text.split()}
    r_hash = tuple(map(ContentRef, text.split()))
    s_hash = ContentRef("".join(text))
    t_hash = re.compile(b"x").match(text.encode()).group(0)
    u_hash = lookup(text)
    v_hash = text and ContentRef(text)
    w_hash = ContentRef(text) if text else None
    for x_hash in map(ContentRef, text.split()): ...
    for y_hash in (ContentRef(z) for z in text.split()): ...
    for i, z_hash in enumerate(map(ContentRef, text.split())): ...
    return content_hash
""",
    "classes that do more than str": """
from enum import Enum
from shop.refs import ContentRef
class Etag(str):
    def __new__(cls, value: str): return super().__new__(cls, value)
class Kind(str, Enum):
    HASH = "hash"
class Short(Etag): ...
def f(a_hash: Etag, b_hash: Short, c_hash: Kind): ...
class Ref2(ContentRef):
    \"\"\"Sub.\"\"\"
class Ref3(ContentRef, str): ...
class Own(UserString): ...
def g(a_hash: Ref2, b_hash: Ref3, c_hash: Own): ...
a_hash = Ref2("x")
b_hash = Ref3("x")
c_hash = Etag("x")
""",
    "calls that show, choose or compare": """
from shop.refs import ContentRef
import logging, structlog, click
logger = structlog.get_logger()
logger.info("x", digest="abc", content_hash="x")
log.debug("x", content_hash=f"{x}")
logging.getLogger().info("x", extra={"content_hash": "x"})
assert_called(content_hash=ContentRef("x"))
mock.assert_called_with(content_hash="x")
click.option("--content-hash")
parser.add_argument("--hash", default="x")
hashlib.new("x")
hmac.new(b"k", b"m", digestmod="sha256")
hmac.digest(b"k", b"m", "sha256")
df.hash.str.lower()
requests.get("x", params={"hash": "x"})
hashlib.pbkdf2_hmac(hash_name="sha256", password=b"", salt=b"", iterations=1)
dataclass(eq=True, unsafe_hash=True)
field(default=1, hash=False)
""",
    "narrowed to the type": """
from shop.refs import ContentRef
def f(raw: str | ContentRef, x):
    if isinstance(raw, ContentRef):
        content_hash = raw
    digest = raw if isinstance(raw, ContentRef) else ContentRef(raw)
    content_hash = x.hash
    content_hash = x["hash"]
    content_hash = x.get("hash")
    content_hash = x.get("hash", None)
    content_hash, *rest = load()
    *rest, content_hash = load()
    with store.open(content_hash) as digest: ...
    with open("x", "rb") as digest: ...
    content_hash = ContentRef.from_text("x")
    content_hash = type(x.hash)("x")
    match x:
        case ContentRef() as content_hash: ...
        case {"hash": ContentRef(digest)}: ...
        case {"hash": content_hash}: ...
        case bytes(content_hash): ...
        case "abc" | "def": ...
""",
    "type variables": """
from typing import TypeVar, Generic, Type, Any, Protocol
from shop.refs import ContentRef
T = TypeVar("T")
B = TypeVar("B", bytes, bytearray)
R = TypeVar("R", bound="ContentRef")
class Box(Generic[T]):
    content_hash: T
def f(a_hash: B, b_hash: R, c_hash: Type[str], d_hash: Any, e_hash: object) -> None: ...
def hash() -> "int": ...
def digest() -> "bytes | None": ...
""",
    "type comments": """
from shop.refs import ContentRef
content_hash = make()  # type: ContentRef
a_hash = make()  # type: bytes
b_hash = make()  # type: ignore
c_hash = make()  # the type: str of it
def g(content_hash, name):
    # type: (ContentRef, str) -> str
    pass
def digest(self, x):
    # type: (str) -> bytes
    pass
def h(
    content_hash,  # type: ContentRef
    name,  # type: str
): pass
""",
    "constants of modules": """
HASH_BYTES = 32
EMPTY_DIGEST = b"\\x00" * 32
ZERO_HASH = bytes(32)
ROOT_HASH = ContentRef("x")
ALGORITHM_BY_HASH = {"a": "b"}
HASH_ALGORITHMS = ("sha256", "md5")
_HASH_CHUNK = "x"
""",
    "tests": """
import pytest
from shop.refs import ContentRef
@pytest.fixture
def content_hash() -> ContentRef:
    return ContentRef("x")
def test_hash(content_hash):
    assert content_hash == "x"
@pytest.mark.parametrize("content_hash", ["a", "b"])
def test_digest(content_hash): ...
def test_content_hash(): ...
def test_hash() -> None:
    assert Blob(content_hash=ContentRef("x")).content_hash == ContentRef("x")
""",
    "out of collections of refs": """
from shop.refs import ContentRef
def f(refs: dict[str, ContentRef], names: list[ContentRef]):
    content_hash = refs.get("x", ContentRef(""))
    digest = refs.pop("x")
    digest = getattr(refs, "x", None)
    content_hash = next(iter(names), None)
    content_hash = min(names)
    content_hash = max(refs.values())
    content_hash = names.pop()
    content_hash = ref_of(x).removeprefix(y)
    content_hash = x.replace(y, z)
""",
    "an object that holds one": """
from shop.refs import ContentRef
class A:
    @property
    def content_hash(self) -> ContentRef:
        return self._content_hash
    @content_hash.setter
    def content_hash(self, value: ContentRef) -> None:
        self._content_hash = value
    def __init__(self, content_hash: ContentRef, digest: bytes) -> None:
        self.content_hash = content_hash
        self.digest = digest
        self.__dict__["content_hash"] = content_hash
        vars(self)["digest"] = digest
        self.cache["digest"] = "x"
        setattr(self, "content_hash", content_hash)
""",
    "functions that make hashes": """
from typing import Callable
make_hash: Callable[..., str]
compute_digest: Callable[[bytes], str]
""",
    "what is not a string any more": """
import hashlib, struct, os
from typing import Any, Callable, Mapping
from shop.refs import ContentRef
pair_hash: tuple[ContentRef, str]
table_hash: dict[str, tuple[ContentRef, str]]
by_hash: Mapping[ContentRef, str] = {}
def content_hash(data) -> tuple[ContentRef, str]: ...
def f(h, data: bytes, names: list[str], x):
    digest = h.hexdigest().encode()
    digest = bytes.fromhex(h.hexdigest())
    digest = int(h.hexdigest(), 16)
    digest = ContentRef(h.hexdigest())
    digest = ContentRef.parse(h.hexdigest())
    digest = wrap(h.hexdigest())
    digest = h.hexdigest() == x
    digest = {ContentRef(one) for one in names}
    digest = [ContentRef(one) for one in names]
    digest = h.digest()[:8]
    digest = struct.pack("<I", 5)
    digest = data[:4] + b"x"
    digest = b"".join([data])
    digest = x.digest
    digest = hash(tuple(names))
    digest = len(names)
    digest = os.stat("x").st_size
    digest = names.index("x")
    digest = lambda: None
    digest = {"a": 1}["a"]
    digest = x.hash if x else None
    digest = store["name"]
    digest = next(iter(x), None)
    digest = max(x, default=None)
    digest = min(len(one) for one in names)
    digest = x.strip()
    digest = x.split(y)
    digest = x.group(1)
    digest = x.read()
    digest = x.name
    digest = x.stdout
    digest = await_it(x)
    for digest in map(ContentRef, names): ...
    for digest, name in zip(x, names): ...
    for digest, name in x.items(): ...
    for i, digest in enumerate(x): ...
    for name, digest in sorted(x.items()): ...
    with h.open("x") as digest: ...
    return digest
def g(content_hash: Callable[[str], ContentRef], digest: Any = None, hash: int | None = None): ...
""",
    "names that are bound to each other": """
def loops(x):
    for i in x:
        a = b
        b = a
        c = a
        a = c
        b = c
        c = b
        a = list(b)
        b = list(c)
    for content_hash in a: ...
    content_hash = a[0]
    content_hash = a.get("x")
    digest = c.read()
    digest, x = a
    for n, digest in c: ...
def f(x):
    a = x
    for i in x:
        a = a + b
        b = b + a
        c = a + b
        a = c + c
        b = c + a
    content_hash = c
x1 = y0 + y0
""",
    "a module that does well": """
from __future__ import annotations
import hashlib, typing, hmac, enum, abc
from dataclasses import dataclass, field, replace
from typing import Any, Callable, NewType, Optional, Protocol, Self
from shop.refs import ContentRef
from shop.types import OrderRef, FileRef, reference, unknown, RefAlias
import shop.refs as refs
class HashAlgorithm(enum.Enum):
    SHA = "sha256"
class Digest:
    value: bytes
    def __str__(self) -> str: return self.value.hex()
    @classmethod
    def parse(cls, text: str) -> Self: ...
@dataclass
class Meta:
    content_hash: refs.ContentRef
    digest: Digest
    order_hash: OrderRef | None = None
    file_hash: "FileRef | None" = field(default=None)
    tree_hash: list[refs.ContentRef] = field(default_factory=list)
    algo_hash: HashAlgorithm = HashAlgorithm.SHA
    raw_hash: memoryview = memoryview(b"")
    int_hash: int = 0
    maybe_digest: Optional[Digest] = None
    alias_hash: RefAlias | None = None
    def with_hash(self, content_hash: refs.ContentRef) -> Meta:
        return replace(self, content_hash=content_hash)
    def short(self) -> str:
        return str(self.content_hash)[:8]
    def __repr__(self) -> str:
        return f"Meta(content_hash={self.content_hash!r})"
def is_same(content_hash: refs.ContentRef, expected: str) -> bool:
    return content_hash == expected
def parse_hash(text: str) -> Digest:
    return Digest.parse(text)
def to_digest(text: str) -> bytes:
    digest = bytes.fromhex(text)
    return digest
def run(meta: Meta, text: str, names: list[str]):
    digest = Digest.parse(text)
    content_hash = reference(text.encode())
    content_hash = refs.ContentRef(text)
    content_hash = refs.ContentRef.parse(text)
    content_hash = OrderRef(refs.ContentRef(text))
    content_hash = meta.content_hash
    content_hash = replace(meta, digest=digest).content_hash
    other_hash = unknown(text)
    algo_hash = HashAlgorithm(text)
    algo_hash = HashAlgorithm["SHA"]
    h = hashlib.new("sha256", text.encode())
    digest = h.digest()
    digest = hmac.digest(b"k", text.encode(), "sha256")
    digest = hmac.new(b"k", b"x", "sha256").digest()
    if hmac.compare_digest(h.hexdigest(), text): ...
    if meta.content_hash in names: ...
    if meta.content_hash != text or text == meta.content_hash: ...
    names.append(str(meta.content_hash))
    paths = {content_hash: text}
    path = f"/blobs/{content_hash}"
    print(content_hash, "abc", sep="")
    assert content_hash == "abc", f"got {content_hash}"
    raise ValueError("bad digest", content_hash)
    hashes = [h.hexdigest()]
    hash_value = text
    hash_text: str = text
    digest_text: str = h.hexdigest()
    hexdigest = h.hexdigest()
    sha256 = h.hexdigest()
    checksum = h.hexdigest()
    content_hash_str: str = str(content_hash)
    hash_hex: str = h.hexdigest()
    for content_hash, name in [(refs.ContentRef("a"), "b")]: ...
    [d for content_hash, d in paths.items()]
    lookup(text, key=lambda content_hash: content_hash)
    match content_hash:
        case "abc": ...
        case None: ...
        case refs.ContentRef(): ...
    del digest
    return Meta(content_hash=refs.ContentRef(text), digest=Digest.parse(text))
class Store(abc.ABC):
    @abc.abstractmethod
    def content_hash(self, data: bytes) -> refs.ContentRef: ...
    @abc.abstractmethod
    def digest(self) -> bytes: ...
    def find(self, content_hash: refs.ContentRef | None = None) -> str | None: ...
    hasher: Callable[[bytes], str]
hash_by_name: dict[str, refs.ContentRef] = {}
name_hash: dict[refs.ContentRef, str] = {}
""",
}

_BAD = {
    "a constant that holds a hash": """
CONTENT_HASH = "0a1b2c"  # <-
EMPTY_DIGEST = "no_digest"  # <-
HASH = "hash"  # <-
content_hash = "content_hash"  # <-
""",
    "literals": """
content_hash = "abc"  # <-
digest = 'a' 'b'  # <-
self.content_ref = \"\"\"abc\"\"\"  # <-
order.item.hash = r"abc"  # <-
EMPTY_HASH = "abc"  # <-
hash = ""  # <-
""",
    "made texts": """
def run(x, parts):
    content_hash = f"{x}"  # <-
    digest = "".join(parts)  # <-
    a_hash = str(x)  # <-
    b_hash = "%s" % x  # <-
    c_hash = "sha256:" + x  # <-
    d_hash = "{}".format(x)  # <-
    e_hash = "0" * 64  # <-
    f_hash = hex(x)  # <-
    g_hash = repr(x)[:8]  # <-
    h_hash = "AbC".lower()  # <-
    i_hash = "a:b".split(":")[1]  # <-
    j_hash = x or "none"  # <-
    k_hash = x if x else ""  # <-
    l_hash = format(x, "x")  # <-
""",
    "hexdigest": """
import hashlib
from hashlib import sha256 as sha
import hashlib as hl
def run(data, m):
    content_hash = hashlib.sha256(data).hexdigest()  # <-
    digest = sha(data).hexdigest()[:12]  # <-
    a_hash = hl.new("md5", data).hexdigest().upper()  # <-
    m.update(data)
    b_hash = m.hexdigest()  # <-
    c_hash = "sha256:" + m.hexdigest()  # <-
    d_hash = hashlib.sha256(data).digest().hex()  # <-
    value = m.hexdigest()
    e_hash = value  # <-
    short = value[:8]
    self.f_hash = short  # <-
    save(content_hash=value)  # <-
    save(content_hash=m.hexdigest())  # <-
""",
    "shake": """
import hashlib
content_hash = hashlib.shake_128(b"x").hexdigest(16)  # <-
""",
    "constants of the file": """
EMPTY = "abc"
class Names:
    DEFAULT = "abc"
OTHER = EMPTY
content_hash = EMPTY  # <-
digest = Names.DEFAULT  # <-
def run():
    save(content_hash=OTHER)  # <-
""",
    "helpers of the file": """
import hashlib
def fingerprint(data):
    return hashlib.sha256(data).hexdigest()
def other(data) -> str: ...
async def later(data) -> str: ...
make = lambda data: hashlib.sha256(data).hexdigest()
class A:
    def sign(self) -> str: ...
    @staticmethod
    def mark(x): return f"{x}"
    @property
    def checksum(self) -> str: ...
    async def run(self):
        content_hash = fingerprint(b"x")  # <-
        a_hash = other(b"x")  # <-
        b_hash = await later(b"x")  # <-
        c_hash = make(b"x")  # <-
        d_hash = self.sign()  # <-
        e_hash = A.mark(5)  # <-
        f_hash = self.checksum  # <-
        g_hash = fingerprint(b"x")[:12]  # <-
""",
    "methods of other classes of the file": """
class Base:
    def sign(self) -> str: ...
class Order(Base):
    def run(self, other: "Order"):
        self.digest = self.sign()  # <-
        self.digest = super().sign()  # <-
        self.digest = other.sign()  # <-
order = Order()
content_hash = order.sign()  # <-
""",
    "values that change on the way": """
from shop.refs import ContentRef
def run(raw: str, other: str, x):
    raw = ContentRef(raw)
    content_hash = raw
    if x:
        other = ContentRef(other)
    digest = other  # <-
    if x:
        value = ContentRef("a")
    else:
        value = "a"
    a_hash = value  # <-
    for one in x:
        b_hash = late  # <-
        late = "abc"
    try:
        found = "abc"
    except ValueError:
        found = None
    c_hash = found  # <-
""",
    "a helper of another file": """
from shop.types import fingerprint
content_hash = fingerprint(b"x")  # <-
""",
    "annotations": """
import typing as t
from typing import Annotated, ClassVar, Dict, Final, List, Optional, Sequence, Union
class A:
    a_hash: str  # <-
    b_hash: str | None  # <-
    c_hash: Optional[str] = None  # <-
    d_hash: Union[str, None]  # <-
    e_hash: Annotated[str, "sha256"]  # <-
    f_hash: list[str]  # <-
    g_hash: Sequence[str]  # <-
    h_hash: dict[bytes, str]  # <-
    i_hash: Final[str] = "abc"  # <-
    j_hash: ClassVar[str]  # <-
    k_hash: "str"  # <-
    l_hash: "str | None"  # <-
    m_hash: Optional["str"]  # <-
    n_hash: t.Optional[t.List[str]]  # <-
    o_hash: None | str  # <-
    p_hash: List[Optional[str]]  # <-
    q_hash: Dict[str, List[str]]  # <-
    r_hash: tuple[str, ...]  # <-
    s_hash: set[str] | None  # <-
    t_hash: Final = "abc"  # <-
    u_hash: t.Text  # <-
    v_hash: str | bytes  # <-
    w_hash: Annotated["str", 5]  # <-
    x_hash: Final[Optional[str]]  # <-
content_hash: str  # <-
""",
    "parameters": """
def store(content_hash: str) -> None: ...  # <-
def store(digest: str | None = None, /) -> None: ...  # <-
def store(*, content_ref: "str") -> None: ...  # <-
async def store(name: str, old_hash: str = "abc") -> None: ...  # <-
def store(content_hash="abc"): ...  # <-
def store(*content_hash: str): ...  # <-
make = lambda content_hash="abc": content_hash  # <-
def store(
    name: str,
    content_hash: str,  # <-
    digest: bytes,
) -> None: ...
class A:
    def __init__(self, content_hash: str) -> None:  # <-
        self.content_hash = content_hash
""",
    "results": """
import functools
def content_hash() -> str: ...  # <-
async def compute_hash() -> str: ...  # <-
class A:
    @property
    def digest(self) -> str: ...  # <-
    @functools.cached_property
    def content_ref(self) -> "str | None": ...  # <-
    @classmethod
    def make_hash(cls) -> list[str]: ...  # <-
    @staticmethod
    def hash() -> str: ...  # <-
def content_hash(
    data: bytes,
) -> str: ...
""".replace("def content_hash(\n", "def content_hash(  # <-\n"),
    "returned": """
import hashlib
from shop.refs import ContentRef
def content_hash(data):
    return hashlib.sha256(data).hexdigest()  # <-
def other_hash(data) -> ContentRef:
    return "abc"  # <-
def third_hash(data) -> str:  # <-
    return "abc"
digest = lambda data: hashlib.sha256(data).hexdigest()  # <-
""",
    "aliases of str": """
from typing import NewType, Optional, TypeAlias
Digest = str
Maybe = Optional[str]
Other: TypeAlias = str
Quoted: TypeAlias = "str"
Plain = NewType("Plain", str)
Twice = Digest
class A:
    a_hash: Digest  # <-
    b_hash: Maybe  # <-
    c_hash: Other  # <-
    d_hash: Quoted  # <-
    e_hash: Plain  # <-
    f_hash: Twice | None  # <-
    g_hash: list[Digest]  # <-
    h_hash: "Digest"  # <-
i_hash = Digest(5)  # <-
j_hash = Plain("abc")  # <-
""",
    "aliases of str from another file": """
from shop.types import Digest, Marked, MaybeDigest, PlainRef
from shop import types
content_hash: Digest  # <-
a_hash: types.Digest | None  # <-
b_hash: PlainRef  # <-
c_hash: MaybeDigest  # <-
d_hash: Marked  # <-
def store(e_hash: "Digest") -> None: ...  # <-
""",
    "str by its module": """
import builtins
from builtins import str as text
content_hash: builtins.str  # <-
digest: text  # <-
""",
    "fields": """
from dataclasses import dataclass, field
from typing import NamedTuple, TypedDict
from shop.refs import ContentRef
@dataclass
class A:
    content_hash: str  # <-
    digest: ContentRef = "abc"  # <-
    old_hash: ContentRef = field(default="abc")  # <-
    new_hash: ContentRef = field(default_factory=lambda: "abc")  # <-
    last_hash: ContentRef = field(default_factory=str)  # <-
    name: str = "abc"
class B(NamedTuple):
    content_hash: str  # <-
class C(TypedDict, total=False):
    content_hash: str  # <-
D = TypedDict("D", {"name": str, "content_hash": str})  # <-
E = NamedTuple("E", [("name", str), ("digest", str)])  # <-
""",
    "keywords": """
from dataclasses import replace
Order(content_hash="abc")  # <-
order.store(1, digest=f"{1}")  # <-
replace(order, content_hash="abc")  # <-
Order(
    name="abc",
    content_hash="abc",  # <-
)
Order(**{"content_hash": "abc"})  # <-
options = {"digest": "abc"}  # <-
Order(**options)
unknown(content_hash=str(5))  # <-
class Stored(Base, digest="abc"): ...  # <-
""",
    "set by name": """
setattr(order, "content_hash", "abc")  # <-
object.__setattr__(self, "digest", "abc")  # <-
""",
    "by position": """
from dataclasses import dataclass
from shop.refs import ContentRef
def store(name: str, content_hash: ContentRef) -> None: ...
def keep(content_hash): ...
@dataclass
class Order:
    name: str
    content_hash: ContentRef
class Repository:
    def __init__(self, digest): ...
    def find(self, content_hash): ...
    def run(self):
        self.find("abc")  # <-
store("name", "abc")  # <-
keep("abc")  # <-
Order("name", "abc")  # <-
Repository("abc")  # <-
""",
    "walrus": """
if (content_hash := "abc"): ...  # <-
found = [digest := x.hexdigest() for x in items]  # <-
""",
    "tuples": """
name, content_hash = "a", "b"  # <-
(a_hash, size), other = ("abc", 5), 6  # <-
*names, digest = 1, 2, "abc"  # <-
[self.content_hash, order.size] = "abc", 5  # <-
a = content_hash = "abc"  # <-
""",
    "loops": """
import contextlib
from contextlib import contextmanager, nullcontext
from typing import Iterator
NAMES = ["a", "b"]
@contextmanager
def hashing() -> Iterator[str]: ...
def run(names: list[str], by_hash: dict[str, int], refs: dict[int, str]):
    for content_hash in ["a", "b"]: ...  # <-
    for content_hash in NAMES: ...  # <-
    for digest in names: ...  # <-
    for digest in by_hash: ...
    for digest in refs.values(): ...  # <-
    for name, digest in [("a", "b")]: ...  # <-
    for digest in "a b".split(): ...  # <-
    for digest in map(str, items): ...  # <-
    for value in NAMES:
        order.content_hash = value  # <-
    save(a for content_hash in names)  # <-
    with nullcontext("abc") as content_hash: ...  # <-
    with hashing() as digest: ...  # <-
async def later(names: list[str]):
    async for content_hash in names: ...  # <-
""".replace("for digest in by_hash: ...", "for digest in by_hash: ...  # <-"),
    "added": """
content_hash += "abc"  # <-
self.digest += x.hexdigest()  # <-
value = start()
value += "abc"
a_hash = value  # <-
""",
    "typed strings": """
from typing import cast
def run(raw: str, maybe: str | None, names: list[str], table: dict[str, str], other: bytes):
    content_hash = raw  # <-
    a_hash = maybe  # <-
    b_hash = names[0]  # <-
    c_hash = table["x"]  # <-
    d_hash = cast(str, other)  # <-
    e_hash = raw.strip()  # <-
    f_hash = raw[:5]  # <-
    value: str = other.decode()
    g_hash = value  # <-
""",
    "environment": """
import os, secrets, uuid
a_hash = os.environ["X"]  # <-
b_hash = os.getenv("X", "")  # <-
c_hash = os.environ.get("X")  # <-
d_hash = secrets.token_hex(8)  # <-
e_hash = uuid.uuid4().hex  # <-
""",
    "a class of the same name from elsewhere": """
from other.refs import ContentRef
ContentRef = str
content_hash: ContentRef  # <-
""",
    "everywhere": """
try:
    content_hash = "abc"  # <-
except ValueError as digest:
    content_hash = "def"  # <-
def outer():
    class Inner:
        digest = "abc"  # <-
        def run(self):
            def deep():
                nonlocal_hash = "abc"  # <-
if True:
    digest = "abc"  # <-
while (content_hash := "abc"): ...  # <-
match x:
    case 1:
        content_hash = "abc"  # <-
""",
    "disguised and other cases": """
CONTENT_HASH = "abc"  # <-
Content_Digest = "abc"  # <-
_hash = "abc"  # <-
__digest = "abc"  # <-
sha256_hash: str  # <-
HASH: str  # <-
""",
    "the setter of a property": """
class Order:
    @property
    def content_hash(self): ...
    @content_hash.setter
    def content_hash(self, value: str) -> None: ...  # <-
""",
    "defaults of pydantic and attrs": """
import attr
from pydantic import Field
from shop.refs import ContentRef
class Order:
    content_hash: ContentRef = Field("abc")  # <-
    digest: ContentRef = Field(default="abc", title="x")  # <-
    old_hash = attr.ib(default="abc")  # <-
    new_hash = attr.ib(factory=str)  # <-
""",
    "loops over pairs": """
def run(names: list[str], table: dict[int, str]):
    for number, content_hash in enumerate(["a", "b"]): ...  # <-
    for number, digest in enumerate(names, 1): ...  # <-
    for content_hash, number in zip(names, range(3)): ...  # <-
    for number, digest in table.items(): ...  # <-
    for number, digest in {1: "a"}.items(): ...  # <-
    found = {digest: n for n, digest in enumerate(names)}  # <-
""",
    "parts of what is not a tuple here": """
def pair() -> tuple[str, int]: ...
def both(m):
    return 5, m.hexdigest()
def run(row: tuple[int, str], m):
    content_hash, size = pair()  # <-
    size, content_hash = both(m)  # <-
    size, content_hash = row  # <-
    content_hash = row[1]  # <-
    given = "a", 5
    content_hash, size = given  # <-
    content_hash = {"size": 5, "hash": "abc"}.get("hash")  # <-
    finish = m.hexdigest
    content_hash = finish()  # <-
""",
    "bytes that are decoded": """
import base64, binascii, codecs, hashlib, sys
def run(raw: bytes, text: str, m, unknown):
    content_hash = raw.decode()  # <-
    digest = base64.b64encode(m.digest()).decode("ascii")  # <-
    a_hash = binascii.hexlify(raw).decode()  # <-
    value = m.digest()
    b_hash = value.decode("latin-1")  # <-
    c_hash = b"abc".decode()  # <-
    d_hash = text.encode().decode()  # <-
    e_hash = value.hex()  # <-
    f_hash = codecs.encode(raw, "hex").decode()  # <-
    g_hash = unknown.decode()
    h_hash = sys.argv[1]  # <-
    i_hash = "%064x" % 5  # <-
    j_hash = f"{5:064x}"  # <-
    k_hash = "".join(f"{b:02x}" for b in raw)  # <-
    l_hash = hashlib.file_digest(unknown, "sha256").hexdigest()  # <-
    m_hash = hashlib.blake2b(raw, digest_size=16).hexdigest()  # <-
    n_hash = hashlib.md5(raw, usedforsecurity=False).hexdigest()  # <-
    o_hash = hashlib.sha256(raw).digest()
    p_hash = raw
    q_hash = raw[:12]
""",
    "long sums": """
content_hash = a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x+y+z+"x"  # <-
digest = "x"+a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x+y+z  # <-
""",
    "of commands": """
import subprocess
git_hash = subprocess.check_output(["git", "rev-parse", "HEAD"]).decode().strip()  # <-
commit_hash = subprocess.check_output(["git"], text=True).strip()  # <-
other_hash = subprocess.check_output(["git"], text=False).strip()
""",
    "fields of every kind of class": """
from abc import ABC
from pydantic import BaseModel
from typing import Generic, Protocol, TypedDict, TypeVar, NotRequired, Required
T = TypeVar("T")
class A(BaseModel):
    content_hash: str  # <-
    class Config:
        digest: "str"  # <-
class B(TypedDict):
    content_hash: Required[str]  # <-
    digest: NotRequired[str | None]  # <-
class C(Generic[T]):
    content_hash: str  # <-
class D(ABC):
    content_hash: str = ""  # <-
""",
    "nested functions and lambdas": """
def outer():
    value = "abc"
    def inner(other=value):
        content_hash = other  # <-
        digest = value  # <-
        return lambda content_hash=other: content_hash  # <-
""",
    "protocols and abstract classes": """
from typing import Protocol
class Stored(Protocol):
    content_hash: str  # <-
    def digest(self) -> str: ...  # <-
""",
    "classes that inherit str and add nothing": """
class Own(str): pass
class Sha(str):
    \"\"\"A hash.\"\"\"
class Checked(str):
    def __new__(cls, v): return super().__new__(cls, v)
from shop.types import Sha as S2
a_hash: Own  # <-
b_hash: Sha | None  # <-
c_hash: Checked
d_hash: S2  # <-
def f(content_hash: Own): ...  # <-
def content_hash() -> list[Own]: ...  # <-
e_hash = Own("x")  # <-
f_hash = S2("x")  # <-
import enum
class Kind(str, enum.Enum):
    A = "a"
g_hash: Kind
class Two(Own): pass
h_hash: Two  # <-
""",
    "literal types": """
from typing import Literal
import typing as t
a_hash: Literal["abc"]  # <-
b_hash: t.Literal["abc", "def"] | None  # <-
c_hash: Literal[5]
d_hash: Literal["sha256", "md5"]
e_hash: Literal[b"x"]
""",
    "casts": """
from typing import cast
import typing
from shop.refs import ContentRef
a_hash = cast(ContentRef, "x")  # <-
b_hash = typing.cast("ContentRef", "x")  # <-
def run(raw: str, other):
    c_hash = cast(ContentRef, raw)  # <-
    d_hash = cast(ContentRef, other)
    e_hash = typing.cast(str, other)  # <-
    f_hash = typing.cast("str", other)  # <-
    f_hash = typing.cast("str | None", other)  # <-
    g_hash = typing.cast(bytes, other)
    save(content_hash=cast(ContentRef, raw))  # <-
""",
    "files that are read as text": """
from pathlib import Path
def run(path, line: str, fh, lines: list[str]):
    a_hash = line.strip()  # <-
    with open(path) as fh:
        b_hash = fh.read()  # <-
        c_hash = fh.readline().strip()  # <-
        for line2 in fh:
            d_hash = line2.strip()  # <-
        e_hash = fh.readlines()[0]  # <-
    with open(path, "rb") as fb:
        f_hash = fb.read()
    with open(path, mode="rb") as fc:
        f_hash = fc.read()
    g_hash = open(path).read()  # <-
    h_hash = open(path, "r").read().strip()  # <-
    i_hash = Path(path).read_text()  # <-
    j_hash = Path(path).read_bytes()
    with Path(path).open() as fp:
        k_hash = fp.read()  # <-
    with Path(path).open("rb") as fq:
        l_hash = fq.read()
    name, *m_hash = line.split()  # <-
    *rest, n_hash = line.split()  # <-
    o_hash, *rest = line.split(":")  # <-
    p_hash, q_name = line.split(":")  # <-
    p_name, q2_hash = line.split(":", 1)  # <-
    _, _, r_hash = line.partition(":")  # <-
    s_hash = line.encode()
    u_hash = line.split()[0]  # <-
    v_hash = lines.pop()  # <-
    w_hash = next(iter(lines))  # <-
    x_hash = lines[-1].strip()  # <-
    for y_hash in fh: ...  # <-
    fh2 = open(path)
    z_hash = fh2.read()  # <-
""",
    "methods that only strings have": """
def run(row):
    name, a_hash = row.split(":")  # <-
    b_hash = row.split(":")[1]  # <-
    c_hash = row.strip()
    d_hash = row.lower()
""",
    "lambdas that are called at once": """
a_hash = (lambda: "x")()  # <-
b_hash = (lambda x: x.hexdigest())(m)  # <-
c_hash = (lambda x: b"x")(m)
""",
    "models and their strings": """
from typing import TypedDict, NamedTuple, Dict, Union, Optional
import typing
from dataclasses import dataclass
from pydantic import BaseModel, Field, StrictStr, constr
class A(TypedDict):
    content_hash: str  # <-
class B(NamedTuple):
    digest: str = ""  # <-
@dataclass
class C:
    content_hash: str = ""  # <-
class D(BaseModel):
    content_hash: str = Field(min_length=1)  # <-
    a_hash: Dict[str, str]  # <-
    b_hash: typing.Dict[str, str] = Field(default_factory=dict)  # <-
    c_hash: Union[str, None] = None  # <-
    d_hash: "str"  # <-
    e_hash: StrictStr  # <-
    f_hash: constr(min_length=64)  # <-
""",
    "type variables": """
from typing import TypeVar, AnyStr
T = TypeVar("T", bound=str)
U = TypeVar("U", str, bytes)
def f(content_hash: T) -> T: ...  # <-
def g(content_hash: U) -> U: ...  # <-
def h(content_hash: AnyStr) -> None: ...  # <-
""",
    "a store of blobs": """
from __future__ import annotations
import hashlib, json, uuid, zlib, hmac
from typing import Any, Optional, Iterable, Mapping
from dataclasses import dataclass, field
from shop.refs import ContentRef
@dataclass(frozen=True)
class Blob:
    content_hash: str  # <-
    parent_digest: Optional[str] = None  # <-
    refs: list[ContentRef] = field(default_factory=list)
    size: int = 0
class Store:
    _last_digest: str | None = None  # <-
    def put(self, data: bytes) -> str:
        content_hash = hashlib.sha256(data).hexdigest()  # <-
        self._last_digest = content_hash  # <-
        return content_hash
    def get(self, content_hash: str) -> bytes: ...  # <-
    def compute_hash(self, data: bytes) -> str: ...  # <-
    async def fetch(self, *, content_ref: str) -> bytes: ...  # <-
    def by(self, digest: Optional[str] = None) -> None: ...  # <-
def make(data: bytes, *, old_hash: Optional["str"] = None) -> Blob:  # <-
    return Blob(content_hash=hashlib.sha256(data).hexdigest())  # <-
crc_hash = f"{zlib.crc32(b'x'):08x}"  # <-
mac_digest = hmac.new(b"k", b"m", "sha256").hexdigest()  # <-
mac_digest = hmac.new(b"k", b"m", "sha256").digest()
json_hash = json.dumps({})  # <-
uid_hash = str(uuid.uuid4())  # <-
uid_hash = uuid.uuid4().hex  # <-
def all_digest(content_hash: Iterable[str], table: Mapping[str, str]) -> None: ...  # <-
""",
    "defaults of what is taken out": """
import hashlib
class A:
    def __init__(self, data):
        h = hashlib.sha256()
        h.update(data)
        self.content_hash = h.hexdigest()  # <-
        self._digest: str = h.hexdigest()  # <-
        self.x.content_ref = "sha256:" + h.hexdigest()  # <-
        self.content_hash, self.size = h.hexdigest(), 5  # <-
        content_hash = value = h.hexdigest()  # <-
def f(data):
    content_hash: str  # <-
    content_hash = None
    try:
        content_hash = data["x"]
    except KeyError:
        content_hash = ""  # <-
    digest = data.get("digest", "")  # <-
    digest = data.pop("digest", "none")  # <-
    digest = getattr(data, "digest", "")  # <-
    for k, content_hash in {"a": "b"}.items(): ...  # <-
    value = (content_hash := "x")  # <-
    lambda content_hash="": content_hash  # <-
    return {"x": digest}
""",
    "annotations of libraries": """
import typing as t
from collections.abc import Sequence, Mapping, Awaitable
from typing_extensions import TypedDict, NotRequired, Annotated
class Row(TypedDict, total=False):
    content_hash: NotRequired[str]  # <-
    digest: t.Required[t.Annotated[str, "x"]]  # <-
class Repo(t.Protocol):
    def find(self, content_hash: str) -> None: ...  # <-
    @property
    def content_ref(self) -> str: ...  # <-
def f(digest: t.Union[str, bytes, None]) -> None: ...  # <-
def g(digest: "t.Optional[str]") -> None: ...  # <-
def content_hash() -> Awaitable[str]: ...  # <-
def stream_hash() -> t.Iterator[str]: ...  # <-
def tuple_hash() -> tuple[str, str]: ...  # <-
def frozen_hash() -> frozenset[str]: ...  # <-
""",
    "keywords of every call": """
store(content_hash="abc" "def")  # <-
store("x", digest="%064x" % 5)  # <-
Order.objects.filter(content_hash="abc")  # <-
Order.objects.create(name="x", digest=str(x))  # <-
Order(**{"content_hash": "x", **more})  # <-
Order(**{**more, "content_hash": "x"})  # <-
Order(**({"content_hash": "x"} | more))  # <-
Order(**dict(more, content_hash="x"))  # <-
order._replace(digest="x")  # <-
order.model_copy(update={"content_hash": "x"})
OrderFactory.build(content_hash="x" * 64)  # <-
""",
    "parts of paths and matches": """
from pathlib import Path
import re, subprocess, os, io, gzip
def run(path: Path, p: str):
    content_hash = path.name  # <-
    a_hash = path.stem  # <-
    b_hash = Path(p).name  # <-
    m = re.match(r"(\\w+)", p)
    c_hash = m.group(1)  # <-
    d_hash = m[1]  # <-
    e_hash = re.search("x", p).group()  # <-
    f_hash = subprocess.run(["git"], capture_output=True, text=True).stdout.strip()  # <-
    done = subprocess.run(["git"], capture_output=True)
    g_hash = done.stdout
    h_hash = subprocess.check_output(["git"], text=True).strip()  # <-
    i_hash = (path / "x").read_text().strip()  # <-
    with (path / "x").open() as fh:
        j_hash = fh.readline()  # <-
    k_hash = os.path.basename(p)  # <-
    with gzip.open(p) as gh:
        l_hash = gh.read()
    with gzip.open(p, "rt") as gt:
        m_hash = gt.read()  # <-
    if n := re.match("x", p):
        o_hash = n.group("x")  # <-
    for line in open(p):
        name, q_hash = line.split()  # <-
        r_hash, _, s = line.partition(" ")  # <-
    lines = path.read_text().splitlines()
    t_hash = lines[0]  # <-
    for u_hash in lines: ...  # <-
    v_hash = os.path.splitext(p)[0]  # <-
""",
    "functions without annotations": """
def compute(data) -> str:
    return data.hexdigest()
class A:
    content_hash = property(lambda self: self.x.hexdigest())
    def content_hash(self):
        return compute(self.data)  # <-
    def digest(self):
        if self.x:
            return None
        return "x"  # <-
    @property
    def content_ref(self):
        return f"sha256:{self.x}"  # <-
def make_hash(x):
    def inner():
        return "x"
    return inner
def compute_digest(x):
    value = "".join(x)
    return value  # <-
""",
    "patterns": """
match x:
    case {"hash": str() as content_hash}: ...  # <-
    case [str(digest)]: ...  # <-
    case bytes() as digest: ...
""",
    "makers of other files": """
from shop.types import PlainRef, Digest, Sha, MaybeDigest
a_hash = PlainRef("x")  # <-
b_hash = Digest("x")  # <-
c_hash = Sha("x")  # <-
from shop import types as ty
d_hash = ty.fingerprint(b"")  # <-
e_hash: "ty.Digest | None"  # <-
f_hash = ty.fingerprint(b"")[:5]  # <-
g_hash = ty.fingerprint(b"").upper()  # <-
h_hash = "sha256:" + ty.fingerprint(b"")  # <-
value = ty.fingerprint(b"")
i_hash = value  # <-
save(content_hash=ty.fingerprint(b""))  # <-
def content_hash():
    return ty.fingerprint(b"")  # <-
CONST_HASH = ty.CONST
""",
    "type comments": """
content_hash = make()  # type: str  # <-
a_hash = make()  # type: ignore
b_hash = make()  # type: bytes
def f(
    content_hash,  # type: str  # <-
    x=None,  # type: int
    digest=None,  # type: bytes
):
    pass
def g(content_hash, x):  # <-
    # type: (str, int) -> None
    pass
def digest(self):  # <-
    # type: () -> str
    pass
class A:
    def m(self, content_hash):  # type: (str) -> None  # <-
        self.content_hash = content_hash  # type: bytes
        self.x_hash = None  # type: str  # <-
def h(content_hash: "bytes"):  # type: ignore
    a_hash = load()  # type: ignore[no-any-return]
""",
    "by other ways than names": """
f(content_hash="x")  # <-
f(**{"content_hash": "x"})  # <-
f(**dict(content_hash="x"))  # <-
setattr(o, "content_hash", "x")  # <-
if (content_hash := "x"): ...  # <-
content_hash += "x"  # <-
a, (b, content_hash) = 1, (2, "x")  # <-
for content_hash in ("a", "b"): ...  # <-
for i, content_hash in enumerate(("a", "b")): ...  # <-
o.__dict__["content_hash"] = "x"  # <-
vars(o)["content_hash"] = "x"  # <-
o.__dict__.update(content_hash="x")  # <-
class A:
    content_hash = "x"  # <-
    def __init__(self):
        self.x_hash = "x"  # <-
        self.__dict__["content_hash"] = "x"  # <-
content_hash = "x" if y else None  # <-
content_hash = None if y else "x"  # <-
content_hash = {"a": "x"}["a"]  # <-
content_hash = sha256(x).hexdigest()[:8]  # <-
content_hash = f"{x}"  # <-
content_hash = str(x)  # <-
content_hash = x.hex()  # <-
content_hash = format(x, "x")  # <-
import binascii, base64
content_hash = binascii.hexlify(x).decode()  # <-
content_hash = base64.b64encode(x).decode()  # <-
content_hash = base64.urlsafe_b64encode(x).decode("ascii").rstrip("=")  # <-
content_hash = str(binascii.hexlify(x), "ascii")  # <-
content_hash = ["a", "b"]
content_hash = ("a", "b")
content_hash = {"k": "a"}
content_hash = [x.hexdigest() for x in y]
hash_ = "x"
from functools import partial
f = partial(store, content_hash="x")  # <-
import tempfile, io
with open("x") as content_hash: ...
s = io.StringIO()
content_hash = s.getvalue()  # <-
""",
    "constants and helpers of other files": """
from shop.const import EMPTY, Names, PLAIN, fingerprint, REF, Order, make, label
from shop import const
from shop.refs import ContentRef
a_hash = EMPTY  # <-
b_hash = Names.DEFAULT  # <-
c_hash = PLAIN  # <-
d_hash = fingerprint(b"x")  # <-
e_hash = REF
f_hash = const.EMPTY  # <-
g_hash = label()  # <-
h_hash = make(b"")
def run(order: Order, x):
    a_hash = order.name  # <-
    b_hash = order.content_hash
    c_hash = order.ref
    d_hash = order.title()  # <-
    e_hash = x.name
    save(content_hash=EMPTY)  # <-
    f_hash = EMPTY or x  # <-
    g_hash = EMPTY[:5]  # <-
""",
    "attributes of instances": """
from dataclasses import dataclass
from typing import NamedTuple
@dataclass
class Order:
    name: str
    size: int
class Row(NamedTuple):
    key: str
def f(order: Order, row: Row, pairs: list[tuple[str, str]], quoted: "tuple[str, int]"):
    a_hash = order.name  # <-
    b_hash = order.size
    c_hash = row.key  # <-
    for name, d_hash in pairs: ...  # <-
    e_hash, size = quoted  # <-
    f_hash = Order("x", 5).name  # <-
""",
    "aliases of every kind": """
from typing import Optional as Opt, TypeAlias, TYPE_CHECKING, NewType, Union
import typing as T
if TYPE_CHECKING:
    Digest = str
class A:
    Alias = str
    content_hash: Alias  # <-
a_hash: Opt[str]  # <-
b_hash: T.Optional[str]  # <-
c_hash: Digest  # <-
d_hash: A.Alias  # <-
X: "TypeAlias" = "str"
e_hash: X  # <-
Y = Union[str, None]
f_hash: Y  # <-
Z = list[str]
g_hash: Z  # <-
N = NewType("N", Opt[str])
h_hash: N | None  # <-
from shop.types import Digest as D2
D3 = D2
i_hash: D3  # <-
j_hash: "D3 | None"  # <-
def f(k_hash: Opt[D2] = None) -> None: ...  # <-
""",
    "made by libraries": """
from pydantic import create_model, Field, BaseModel, field_validator
from string import Template
import click, typer
M = create_model("M", content_hash=(str, ...))  # <-
a_hash = Template("x").substitute(a=1)  # <-
def cmd(content_hash: str = typer.Option(...)): ...  # <-
class B(BaseModel):
    content_hash: str = Field(..., alias="x")  # <-
    @field_validator("content_hash")
    def check(cls, v: str) -> str: return v
""",
    "attributes that are set by name": """
class A:
    def __init__(self, raw: str, **kw):
        super().__init__(content_hash=raw)  # <-
        self.__dict__.update(content_hash=raw)  # <-
        object.__setattr__(self, "content_hash", raw)  # <-
        super().__setattr__("digest", raw)  # <-
        NAME = "content_hash"
        setattr(self, NAME, raw)  # <-
        cls = type(self)
        cls.content_hash = raw  # <-
        type(self).digest = raw  # <-
def run(*content_hash: str, **more: str): ...  # <-
class Meta(type):
    content_hash: str  # <-
class Ctx:
    def __enter__(self) -> str: ...
def f(raw):
    if isinstance(raw, str):
        content_hash = raw
    assert isinstance(raw, str)
    content_hash = raw.lower()
""",
    "sums and slices": """
def f(parts: list[str], x: str, y):
    content_hash = x + y  # <-
    content_hash = y + x  # <-
    digest = parts[0] + parts[1]  # <-
    digest = "".join(sorted(parts))  # <-
    digest = f"{x}"[2:]  # <-
    digest = ("a" "b")  # <-
    digest = x[::-1]  # <-
    digest = (x or y)  # <-
    digest = x if x else None  # <-
    digest = [x][0]  # <-
    digest = {"a": x}["a"]  # <-
    digest = (lambda: x)()  # <-
    digest = str.lower(x)  # <-
    digest = bytes.hex(y)  # <-
    digest = "x".encode()
    digest = bytes(x, "utf-8")
    digest = memoryview(y).hex()  # <-
    digest = hex(y)[2:]  # <-
    digest = format(y, "064x")  # <-
    digest = y.to_bytes(4, "big").hex()  # <-
    digest = y.split("=")[1].strip()  # <-
    digest = y.removeprefix("sha256:")  # <-
    digest, _ = y.split(":", 1)  # <-
    _, _, digest = y.partition("=")  # <-
""",
    "strings of libraries and of the rest": """
import os, glob, shlex, urllib.parse, html, subprocess, hashlib
from typing import Tuple, Dict, List, Optional, Union, Any, DefaultDict, ItemsView
from collections import defaultdict, OrderedDict
from shop.refs import ContentRef
def f(p: str, *parts: str, **options: str):
    for a_hash in os.listdir(p): ...  # <-
    for b_hash in glob.glob("*"): ...  # <-
    c_hash = shlex.quote(p)  # <-
    d_hash = urllib.parse.quote(p)  # <-
    e_hash = parts[0]  # <-
    f_hash = options["x"]  # <-
    for g_hash in parts: ...  # <-
    h_hash = options.get("x")  # <-
    i_hash = options.pop("x")  # <-
    j_hash = "-".join(parts)  # <-
    for name, k_hash in options.items(): ...  # <-
a_hash: Tuple[str, ...]  # <-
b_hash: Dict[str, Optional[str]]  # <-
c_hash: List["str"]  # <-
d_hash: "Dict[str, str]"  # <-
e_hash: defaultdict[str, str]  # <-
f_hash: OrderedDict[str, str]  # <-
g_hash: Union[ContentRef, str]  # <-
h_hash: ContentRef | str | None  # <-
i_hash: Optional[Union[str, bytes]]  # <-
j_hash: tuple[int, str]  # <-
k_hash: Dict[str, List[str]]  # <-
def content_hash() -> tuple[str, int] | None: ...
def digest() -> "Union[str, None]": ...  # <-
class A:
    x_hash: str = None  # type: ignore  # <-
    @classmethod
    def from_digest(cls, digest: str) -> "A":  # <-
        return cls(digest=digest)
    def __eq__(self, other): return self.x_hash == other.x_hash
    @staticmethod
    def content_hash(data: bytes) -> str:  # <-
        return hashlib.sha256(data).hexdigest()
""",
    "a module that does not": """
from __future__ import annotations
import hashlib, typing, dataclasses, functools, itertools, contextlib
from dataclasses import dataclass, field, InitVar
from typing import Annotated, Optional, NamedTuple, TypedDict, Protocol, overload
import shop.types as st
from shop.refs import ContentRef
class Sha256Hash: ...
@dataclass
class Meta:
    content_hash: Annotated[Optional[str], "sha"] = None  # <-
    sub_digest: InitVar[str] = ""  # <-
    tree_hash: "Annotated[str, 'x']" = ""  # <-
    etag_hash: str = field(init=False, default="")  # <-
    SHA_HASH: typing.ClassVar[str] = "abc"  # <-
    body_hash: typing.Final = "x"  # <-
class Port(Protocol):
    content_ref: str  # <-
    def content_hash(self, x: int) -> str | None: ...  # <-
    def verify(self, *, expected_hash: str) -> bool: ...  # <-
@overload
def compute_hash(data: bytes) -> str: ...  # <-
@overload
def compute_hash(data: str) -> str: ...  # <-
def compute_hash(data): return hashlib.sha256(data).hexdigest()  # <-
@functools.lru_cache
def file_digest(path) -> str:  # <-
    with open(path, "rb") as fh:
        return hashlib.file_digest(fh, "sha256").hexdigest()
class Node:
    def __init__(self, children):
        self._hash = None
        self.children = children
    @property
    def hash(self):
        if self._hash is None:
            self._hash = hashlib.sha256(b"x").hexdigest()  # <-
        return self._hash  # <-
    def update(self):
        self.node_hash = "".join(c.hash for c in self.children)  # <-
        self.children[0].parent_hash = self.name_of()  # <-
    def name_of(self) -> str: ...
Pairs = dict[int, tuple[str, str]]
def walk(nodes: typing.Iterable[tuple[str, int]], rows: list[dict[str, str]], m: Pairs):
    for digest, size in nodes: ...  # <-
    for row in rows:
        row_hash = row["x"]
    for key, (a, leaf_hash) in m.items(): ...
    [content_hash for content_hash, _ in nodes]  # <-
    found = {k: digest for k, digest in zip(range(3), "abc")}  # <-
    for content_hash in itertools.chain(["a"], ["b"]): ...
    prev_hash: typing.Optional[str] = None  # <-
    genesis_hash = "0" * 64  # <-
    block = dict(prev_hash="x")
    send(prev_hash="0" * 64)  # <-
    with contextlib.suppress(KeyError):
        root_hash = rows[0]["h"]
    if (last_digest := hashlib.md5(b"").hexdigest()) != "x": ...  # <-
    commit_hash = f"{1:x}" if rows else None  # <-
    commit_hash = None or "x"  # <-
    commit_hash = str(ContentRef("x"))  # <-
    commit_hash = ContentRef("x").upper()
    commit_hash = repr(rows)  # <-
    commit_hash = "sha256-%s" % hashlib.sha256(b"").hexdigest()  # <-
    commit_hash = "sha256-{}".format(1)  # <-
    commit_hash = "sha256-" + 1  # <-
    global state_hash
    state_hash = "x"  # <-
    yield_hash = yield
T1 = TypedDict("T1", {"content_hash": Optional[str]})  # <-
N1 = NamedTuple("N1", [("content_hash", Optional[str])])  # <-
D1 = dataclasses.make_dataclass("D1", [("content_hash", str), ("x", int)])  # <-
D2 = dataclasses.make_dataclass("D2", [("content_hash", "str", "x")])  # <-
x_hash: st.Digest | None = None  # <-
y_hash: "st.PlainRef"  # <-
def mk(z_hash: st.MaybeDigest = None, *, names: list[st.Digest] = []) -> None: ...  # <-
""",
    "members and attributes of classes": """
from shop.kinds import Kind, Choice, Plain, Heir
a_hash = Kind.A
b_hash = Choice.A
c_hash = Plain.A  # <-
d_hash = Heir().A
import enum
class Own(enum.Enum):
    A = "a"
class OwnText(str, enum.Enum):
    A = "a"
e_hash = Own.A
f_hash = OwnText.A
g_hash: Own = Own.A
""",
    "through another file in every way": """
from shop.helpers import mk, Cls, alias_mk, CONST, mk_ref, untyped, DIGESTS, aval
import shop.helpers as a
a_hash = mk()  # <-
b_hash = alias_mk()  # <-
c_hash = Cls().title()  # <-
d_hash = Cls.NAME  # <-
e_hash = mk_ref()
f_hash = untyped()
g_hash = a.mk()  # <-
h_hash = CONST["x"]
i_hash = CONST
async def f():
    j_hash = await aval()  # <-
for k_hash in DIGESTS: ...
def g(c: Cls):
    l_hash = c.ref
    m_hash = c.name  # <-
""",
}


def marked_lines(code: str) -> list[int]:
    return [number for number, line in enumerate(code.split("\n"), 1) if line.endswith("# <-")]


FACADE = (
    "from shop.refs import ContentRef\nfrom shop.types import FileRef\n"
    "def store(content_hash: ContentRef, digest: FileRef = FileRef(digest='abc')) -> None: ...\n"
)
GOOD = (
    *(good(name, code, files=FILES) for name, code in _GOOD.items()),
    *(
        good(f"a type that is called {name}", FACADE, files=FILES, options={"type": name})
        for name in ("shop.ContentRef", "shop.api.Ref", "shop.*.ContentRef")
    ),
)
BAD = tuple(bad(name, code, *marked_lines(code), files=FILES) for name, code in _BAD.items())
