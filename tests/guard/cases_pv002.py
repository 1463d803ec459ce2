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
}

_GOOD = {
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
from shop.types import Sha
class Own(str): pass
content_hash: Sha
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
}

_BAD = {
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
commit_hash = subprocess.check_output(["git"], text=True).strip()
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
