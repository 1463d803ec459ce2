"""More cases of PV-003: services in which each one that is found ends with `# <-`."""

from __future__ import annotations

from failtrack_guard.rule import bad, good

RULE = "PV-003"
FILES = {
    "shop/halt.py": "class HaltGuard:\n    pass\nclass StrictGuard(HaltGuard): pass\n",
    "shop/__init__.py": "from .halt import HaltGuard\n",
    "shop/api.py": "from shop import *\nfrom shop import HaltGuard as Guard\n",
    "shop/far/__init__.py": "from .away.deep import *\n",
    "shop/far/away/__init__.py": "",
    "shop/far/away/deep.py": "from ...halt import HaltGuard\n__all__ = ['HaltGuard']\n",
    "other/__init__.py": "",
    "other/halt.py": "class HaltGuard:\n    pass\n",
    "shop/bases.py": """\
import abc
from dataclasses import dataclass
from typing import NewType, Optional, Protocol
from pydantic import BaseModel
from .halt import HaltGuard
class Guarded(HaltGuard): pass
class Deep(Guarded): pass
class Taking:
    def __init__(self, guard: HaltGuard) -> None: ...
class TakingDeep(Taking): pass
@dataclass
class Held:
    guard: HaltGuard
class Plain: pass
class Annotated:
    guard: HaltGuard
class Port(Protocol): pass
class Abstract(abc.ABC): pass
class Model(BaseModel): pass
MaybeGuard = Optional[HaltGuard]
NewGuard = NewType("NewGuard", HaltGuard)
""",
    "shop/ab.py": """\
import abc
from typing import Protocol
class Base(abc.ABC):
    @abc.abstractmethod
    def run(self): ...
class Full(Base):
    def run(self): ...
class Port(Protocol):
    def run(self): ...
class WithProto(Port):
    def run(self): ...
""",
    "shop/ports.py": """\
import abc
class Port(metaclass=abc.ABCMeta):
    @abc.abstractmethod
    def run(self): ...
class Two(Port):
    @property
    @abc.abstractmethod
    def name(self): ...
""",
    "shop/mid.py": """\
from shop.halt import HaltGuard as _G
from shop.bases import Guarded as Reexported, Taking, Plain
class Mid(Plain):
    guard: _G
class Dropped(Taking):
    def __init__(self): ...
Alias = Reexported
""",
    "shop/svc.py": """\
import abc
from typing import Protocol
from pydantic import BaseModel
from shop.halt import HaltGuard
from shop.bases import Taking
class Base:
    def __init__(self, guards: list[HaltGuard]): ...
class Mixed(dict, Base): ...
class Proto(Protocol):
    guard: HaltGuard
class GuardedModel(BaseModel):
    guard: HaltGuard
class Dropper(Taking):
    def __init__(self): pass
class Late(Taking):
    def __init__(self, **kw): super().__init__(**kw)
class Abs(abc.ABC):
    @property
    @abc.abstractmethod
    def title(self): ...
class AbsDone(Abs):
    title = "x"
""",
    "shop/handing.py": """\
from dataclasses import dataclass
from shop.halt import HaltGuard
NOTHING = None
class Optional:
    def __init__(self, repo=None, guard: HaltGuard | None = None): ...
class Forwarding(Optional):
    def __init__(self, *args, **kwargs): super().__init__(*args, **kwargs)
class Middle(Optional):
    def __init__(self, stop, repo=None): super().__init__(repo, guard=stop)
class Dropping(Optional):
    def __init__(self, repo=None): super().__init__(repo, guard=None)
@dataclass
class Stored:
    repo: object
@dataclass
class Both(Stored):
    guard: HaltGuard | None = None
class Second:
    def __new__(cls, guard: HaltGuard): ...
""",
    "shop/compat.py": "from abc import ABC\nfrom typing import Protocol\n",
}

_GOOD = {
    "through the package": """
from shop import HaltGuard
class OrderService(HaltGuard): pass
""",
    "through a star of a facade": """
from shop.api import *
class OrderService(HaltGuard): pass
""",
    "through a facade under another name": """
from shop.api import Guard
class OrderService:
    def __init__(self, guard: Guard): ...
""",
    "through two packages with stars": """
from shop.far import HaltGuard
import shop.far as far
class OrderService(HaltGuard): pass
class OtherService(far.HaltGuard): pass
""",
    "relative imports": """
from . import halt
from .halt import HaltGuard as G
from .. import shop
class OrderService(halt.HaltGuard): pass
class OtherService:
    def __init__(self, g: G): ...
""",
    "bases of other files": """
from shop.bases import Deep, Guarded, Held, Taking, TakingDeep
class AService(Deep): pass
class BService(Guarded): pass
class CService(Taking): pass
class DService(TakingDeep): pass
class EService(Held): pass
""",
    "bases of this file": """
from shop.halt import HaltGuard
class Base(HaltGuard): pass
class Middle(Base): pass
class OrderService(Middle): pass
class Mixin: pass
class OtherService(Mixin, Middle): pass
class ThirdService(OtherService): pass
""",
    "a guard that inherits the guard": """
from shop.halt import StrictGuard
class OrderService:
    def __init__(self, guard: StrictGuard): ...
class OtherService(StrictGuard): pass
""",
    "typed parameters": """
from __future__ import annotations
import typing as t
from typing import TYPE_CHECKING, Annotated, Optional, Union
from fastapi import Depends
if TYPE_CHECKING:
    from shop.halt import HaltGuard
class AService:
    def __init__(self, guard: HaltGuard, /): ...
class BService:
    def __init__(self, *, guard: HaltGuard | None = None): ...
class CService:
    def __init__(self, guard: Optional[HaltGuard] = None): ...
class DService:
    def __init__(self, guard: "HaltGuard"): ...
class EService:
    def __init__(self, guard: Annotated[HaltGuard, Depends(make)]): ...
class FService:
    def __init__(self, guard: t.Union["HaltGuard", None]): ...
class GService:
    def __new__(cls, guard: HaltGuard): ...
class HService:
    def __init__(self, orders: list[str], *rest: int, guard: HaltGuard, **more: str): ...
class IService:
    if True:
        def __init__(self, guard: HaltGuard): ...
class JService:
    @inject
    def __init__(self, guard: HaltGuard = Provide["guard"]): ...
class KService:
    @t.overload
    def __init__(self, guard: HaltGuard): ...
    @t.overload
    def __init__(self, guard: None): ...
    def __init__(self, guard=None): ...
class LService:
    def __init__(self, guard: Annotated["HaltGuard | None", "x"]): ...
""",
    "aliases of the guard": """
from typing import NewType, Optional, TypeAlias, TypeVar
from shop.halt import HaltGuard
from shop.bases import MaybeGuard, NewGuard
Guard = HaltGuard
Maybe = HaltGuard | None
Other: TypeAlias = "Optional[HaltGuard]"
New = NewType("New", HaltGuard)
G = TypeVar("G", bound=HaltGuard)
Guards = list[HaltGuard]
class AService(Guard): pass
class HService:
    def __init__(self, guards: Guards): ...
class BService:
    def __init__(self, guard: Maybe): ...
class CService:
    def __init__(self, guard: Other): ...
class DService:
    def __init__(self, guard: New): ...
class EService:
    def __init__(self, guard: G): ...
class FService:
    def __init__(self, guard: MaybeGuard): ...
class GService:
    def __init__(self, guard: NewGuard): ...
""",
    "fields of dataclasses": """
import dataclasses
import dataclasses as dc
from dataclasses import InitVar, KW_ONLY, dataclass, field
import attr
import attrs
from attrs import define
from pydantic.dataclasses import dataclass as model
from shop.halt import HaltGuard
@dataclass
class AService:
    guard: HaltGuard
@dataclass(frozen=True, kw_only=True)
class BService:
    name: str
    guard: HaltGuard = field(default_factory=HaltGuard)
@dataclasses.dataclass
class CService:
    _: KW_ONLY
    guard: "HaltGuard | None" = None
@dc.dataclass(slots=True)
class DService:
    guard: InitVar[HaltGuard]
@define
class EService:
    guard: HaltGuard
@attr.s(auto_attribs=True)
class FService:
    guard: HaltGuard = attr.ib()
@attr.s
class GService:
    guard = attr.ib(type=HaltGuard)
@attrs.frozen
class HService:
    guard: HaltGuard
@model
class IService:
    guard: HaltGuard
@dataclass
class Base:
    guard: HaltGuard
@dataclass
class JService(Base):
    name: str
class KService(Base): pass
""",
    "fields of models": """
from typing import NamedTuple
import pydantic
from pydantic import BaseModel
from shop.bases import Model
from shop.halt import HaltGuard
class AService(NamedTuple):
    guard: HaltGuard
class BService(BaseModel):
    guard: HaltGuard
class CService(pydantic.BaseModel):
    guard: HaltGuard | None = None
class DService(Model):
    guard: HaltGuard
""",
    "a decorator of the project may make fields parameters": """
from shop.injection import service
from shop.halt import HaltGuard
@service
class OrderService:
    guard: HaltGuard
""",
    "protocols": """
import typing
from typing import Protocol, TypeVar, runtime_checkable
from typing_extensions import Protocol as Port
from shop import compat
T = TypeVar("T")
class AService(Protocol): ...
class BService(typing.Protocol): ...
class CService(Protocol[T]): ...
@runtime_checkable
class DService(Port): ...
class EService(AService, Protocol): ...
class FService(compat.Protocol): ...
""",
    "abstract classes": """
import abc
from abc import ABC, ABCMeta, abstractmethod
from abc import ABC as A
from shop.compat import ABC as B
class AService(ABC): ...
class BService(metaclass=ABCMeta): ...
class CService(abc.ABC): ...
class DService(object, metaclass=abc.ABCMeta): ...
class EService(A): ...
class FService(B): ...
class GService:
    @abstractmethod
    def run(self): ...
class HService:
    @property
    @abc.abstractmethod
    def name(self): ...
class IService:
    @abc.abstractmethod
    async def run(self): ...
class JService:
    @classmethod
    @abc.abstractmethod
    def make(cls): ...
""",
    "names that are none of services": """
class ServiceError(Exception): pass
class ServiceConfig: pass
class Services: pass
class OrderServices: pass
class ServiceRegistry: pass
class Serviceable: pass
class OrderServiceImpl: pass
class order_service: pass
class Microservice: pass
def OrderService(): pass
PaymentService = object()
OtherService = make_service("x")
""",
    "tests of a service": """
class TestOrderService:
    def test_run(self): ...
class TestOtherService(unittest.TestCase):
    async def test_run(self): ...
""",
    "one of two imports": """
try:
    from shop.halt import HaltGuard
except ImportError:
    class HaltGuard: pass
class OrderService(HaltGuard): pass
""",
    "a guard for type checkers alone": """
import typing
if typing.TYPE_CHECKING:
    from shop.halt import HaltGuard
else:
    HaltGuard = object
class OrderService(HaltGuard): pass
""",
    "in every place": """
from shop.halt import HaltGuard
if True:
    class AService(HaltGuard): pass
else:
    class AService(HaltGuard): pass
def make():
    from shop.halt import HaltGuard as G
    class BService(G): pass
    class Base:
        def __init__(self, guard: G): ...
    class CService(Base): pass
class Outer:
    class DService(HaltGuard): pass
    class Base(HaltGuard): pass
    class EService(Base): pass
class FService(Outer.Base): pass
""",
    "generic bases": """
from typing import Generic, TypeVar
from shop.halt import HaltGuard
T = TypeVar("T")
class Base(HaltGuard, Generic[T]): pass
class OrderService(Base[int]): pass
class OtherService(Generic[T], Base[T]): pass
""",
    "bases from a tuple": """
from shop.halt import HaltGuard
BASES = (object, HaltGuard)
class OrderService(*BASES): pass
class OtherService(*(HaltGuard,)): pass
""",
    "made by helpers of libraries": """
import abc
import six
from dataclasses import dataclass
from functools import partial
from six import with_metaclass
from shop.halt import HaltGuard
class AService(six.with_metaclass(Meta, HaltGuard)): pass
class BService(with_metaclass(abc.ABCMeta, object)): pass
@partial(dataclass, frozen=True)
class CService:
    guard: HaltGuard
frozen = partial(dataclass, frozen=True)
@frozen
class DService:
    guard: HaltGuard
decorate = dataclass(frozen=True)
@decorate
class EService:
    guard: HaltGuard
""",
    "a constructor that hands on": """
from shop.bases import Taking
class Base(Taking):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
class AService(Taking):
    def __init__(self, orders, **more):
        super().__init__(**more)
        self.orders = orders
class BService(Taking):
    def __init__(self, guard):
        Taking.__init__(self, guard)
class CService(Base): pass
""",
    "the guard's own services": """
class HaltGuard: pass
class HaltService(HaltGuard): pass
class OtherService:
    def __init__(self, guard: HaltGuard): ...
""",
    "taken in every way": """
from __future__ import annotations
import abc, enum
import typing as t
from dataclasses import dataclass, field, InitVar
from typing import Protocol, Generic, TypeVar, Optional, Union, Annotated
from typing import Sequence, Mapping, Iterable
from shop.halt import HaltGuard, StrictGuard
from shop import halt
T = TypeVar("T")
class AService(HaltGuard, Generic[T]): ...
class BService(Generic[T], HaltGuard): ...
class CService:
    def __init__(self, repo, guard: HaltGuard | None = None, **kw): ...
class DService:
    def __init__(self, repo, *, guard: Union[None, HaltGuard]): ...
class EService:
    def __init__(self, guard: halt.HaltGuard): ...
class FService:
    def __init__(self, guard: "halt.HaltGuard"): ...
class GService:
    def __init__(self, guards: Sequence[HaltGuard]): ...
class HService:
    def __init__(self, guards: Mapping[str, HaltGuard]): ...
class IService:
    def __init__(self, guards: tuple[HaltGuard, ...] = ()): ...
class JService:
    def __init__(self, *guards: HaltGuard): ...
class KService:
    def __init__(self, **guards: HaltGuard): ...
class LService:
    def __init__(self, guards: "Iterable[HaltGuard]"): ...
class MService:
    def __init__(self, guards: Optional[list[HaltGuard]] = None): ...
class NService:
    def __init__(self, guard: Annotated[HaltGuard, "x"]): ...
class OService(StrictGuard): ...
class PService:
    def __init__(self, guard: StrictGuard): ...
class QService(CService): ...
class RService(QService):
    def run(self): ...
class SService(Protocol[T]): ...
class TService(abc.ABC):
    @abc.abstractmethod
    def run(self): ...
class UService(metaclass=abc.ABCMeta):
    @property
    @abc.abstractmethod
    def x(self): ...
@dataclass
class VService:
    guards: list[HaltGuard] = field(default_factory=list)
@dataclass
class WService:
    guard: InitVar[HaltGuard | None] = None
class XService(t.Protocol): ...
class YService:
    def __new__(cls, guard: HaltGuard):
        return super().__new__(cls)
    def __init__(self, *a): ...
class ServiceRegistry: ...
class OrderServiceFactory: ...
class ServiceLocator(dict): ...
OrderServiceT = t.TypeVar("OrderServiceT", bound="AService")
def PaymentService(): ...
service: "AService"
""",
    "guards by every name": """
from typing import Optional, Annotated, Union
from shop.halt import HaltGuard
from shop.api import Guard
import shop.api as api
class AService:
    def __init__(self, g: "HaltGuard"): ...
class BService:
    def __init__(self, g: Optional[HaltGuard]): ...
class CService:
    def __init__(self, g: Annotated[HaltGuard, 1]): ...
class DService:
    def __init__(self, g: Guard): ...
class EService:
    def __init__(self, *, g: api.Guard): ...
class FBase:
    def __init__(self, g: HaltGuard): ...
class FService(FBase): ...
class GService(FBase):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
class HService(api.Guard): ...
class IService:
    def __init__(self, g: "Optional['HaltGuard']" = None): ...
class JService:
    def __new__(cls, *, g: HaltGuard): ...
""",
    "several guards": """
from typing import Sequence
from shop.halt import HaltGuard
class AService:
    def __init__(self, *args: HaltGuard): ...
class BService:
    def __init__(self, guards: Sequence[HaltGuard]): ...
class CService:
    def __init__(self, guards: list[HaltGuard]): ...
class DService:
    def __init__(self, **guards: HaltGuard): ...
class EService:
    def __init__(self, guards: tuple[HaltGuard, ...]): ...
class FService:
    def __init__(self, guards: dict[str, HaltGuard]): ...
""",
    "test classes": """
import unittest
from unittest import mock
import unittest as ut
from django.test import TestCase as Case
class OrderServiceTest(unittest.TestCase): ...
class TestOrderService:
    @staticmethod
    def test_it(): ...
class TestPaymentService(ut.TestCase):
    def setUp(self): ...
class TestCardService(Case): ...
class TestBase:
    def test_a(self): ...
class TestOtherService(TestBase): ...
class TestNestService:
    class TestCreate: ...
class OrderServiceTests: ...
""",
    "what calls make of the guard": """
from shop.halt import HaltGuard
import shop.halt
class AService(mix(HaltGuard)): ...
class BService(mix(object, shop.halt.HaltGuard)): ...
Base = mix(HaltGuard)
class CService(Base): ...
Made = type("Made", (HaltGuard,), {})
class DService(Made): ...
bases = [HaltGuard, object]
class EService(*bases): ...
class FService(*(HaltGuard, object)): ...
def guarded(cls): return cls
class GService(make.base(guard=1, base=HaltGuard)): ...
""",
    "the guard under conditions": """
try:
    from shop.halt import HaltGuard
except ImportError:
    HaltGuard = object
class AService(HaltGuard): ...
class BService(HaltGuard if True else object): ...
""",
    "still abstract": """
import abc
from shop.ports import Port, Two
class AService(Port):
    def other(self): ...
class BService(Two):
    def run(self): ...
class Half(Port):
    def help(self): ...
class CService(Half): ...
class DService(Port):
    run: object
""",
    "a metaclass of the file": """
import abc
class Meta(abc.ABCMeta): ...
class AService(metaclass=Meta): ...
""",
    "more ways to have it": """
from __future__ import annotations
from typing import Generic, TypeVar, overload, Protocol, TYPE_CHECKING, Annotated, Final
from dataclasses import dataclass, field, KW_ONLY
import dataclasses, abc, typing
from shop.halt import HaltGuard, StrictGuard
from shop.bases import Taking, Guarded, Deep, Held, Model, TakingDeep
import shop.bases
import shop.halt
import shop
T = TypeVar("T")
class AService(Guarded): ...
class BService(shop.bases.Deep): ...
class CService(Generic[T], shop.bases.Guarded): ...
class DService(dict, HaltGuard): ...
class EService(Taking):
    def run(self): ...
class FService(TakingDeep):
    def __init__(self, name, *args, **kwargs):
        super().__init__(*args, **kwargs)
class GService(Held):
    name: str = ""
class HService(Model):
    guard: HaltGuard
class IService:
    def __init__(self, name: str, guard: shop.HaltGuard, /): ...
class JService:
    def __init__(self, guard: Final[HaltGuard]): ...
class KService:
    def __init__(self, guard: Annotated[shop.halt.HaltGuard | None, "x"] = None): ...
class LService:
    @typing.no_type_check
    def __init__(self, guard: HaltGuard): ...
class MService:
    def __init__(
        self,
        name: str,
        # comment
        guard: HaltGuard,
    ) -> None: ...
class NService:
    if TYPE_CHECKING:
        def __init__(self, guard: HaltGuard): ...
    else:
        def __init__(self, *a): ...
class OService(typing.Protocol):
    guard: HaltGuard
class PService(abc.ABC):
    def run(self): raise NotImplementedError
@dataclass(kw_only=True, frozen=True)
class QService(typing.Generic[T]):
    guard: HaltGuard
    name: str = "x"
@dataclasses.dataclass
class RService:
    name: str
    _: dataclasses.KW_ONLY
    guard: HaltGuard | None = field(default=None, repr=False)
class SService(HaltGuard, metaclass=Meta): ...
class TService(StrictGuard, dict): ...
class UService(*[HaltGuard]): ...
class ServiceBase: ...
class ServiceA: ...
class IServiceProvider: ...
class ServiceResult(dict): ...
class OrderServiceConfig: ...
class OrderServiceError(Exception): ...
class SERVICE: ...
class Orderservice: ...
OrderService = AService
def get() -> "OrderService": ...
service = AService()
class VService(OrderService): ...
class WService:
    def __new__(cls, *, guard: "HaltGuard") -> "WService": ...
""",
    "constructors that hand on what may be the guard": """
from shop.halt import HaltGuard, StrictGuard
from shop.bases import Held, Taking
from shop.handing import Both, Forwarding, Middle, Optional, Second
from shop import current, halt
class Base:
    def __init__(self, repo, guard: HaltGuard | None = None): ...
class AService(Base):
    def __init__(self, repo, guard): super().__init__(repo, guard)
class BService(Base):
    def __init__(self, repo, stop=None): super().__init__(guard=stop, repo=repo)
class CService(Base):
    def __init__(self, *args, **kwargs): super().__init__(*args, **kwargs)
class DService(Base):
    def __init__(self, repo, **more): super().__init__(repo, **more)
class EService(Base):
    def __init__(self, *rest): super().__init__(None, *rest)
class FService(Base):
    def __init__(self, repo, stop): super().__init__(repo, stop or HaltGuard())
class GService(Base):
    def __init__(self, repo, stop): super().__init__(repo, StrictGuard(stop))
class HService(Base):
    def __init__(self, settings): super().__init__(settings.repo, settings.guard)
class IService(Base):
    def __init__(self, repo, stop):
        chosen = stop if stop else None
        super(IService, self).__init__(repo, chosen)
class JService(Base):
    def __init__(self, repo, stop): Base.__init__(self, repo, stop)
class KService(Base):
    def __init__(self, repo): super().__init__(repo, current.guard)
class LService(Base):
    def __init__(self, repo): super().__init__(repo, halt.current())
class MService(Base):
    def __init__(self, **kwargs):
        options = {"guard": kwargs.pop("stop")}
        super().__init__(None, **options)
class NService(Base):
    def __init__(self, repo, stop):
        start = super().__init__
        start(repo, stop)
class OService(Base):
    def __init__(self, repo, stop):
        if stop:
            super().__init__(repo, stop)
        else:
            super().__init__(repo)
class PService(Taking):
    def __init__(self, stop): super().__init__(stop)
class QService(Optional):
    def __init__(self, repo, stop): super().__init__(repo, stop)
class RService(Forwarding):
    def __init__(self, stop): super().__init__(1, stop)
class SService(Forwarding):
    def __init__(self, stop): super().__init__(1, guard=stop)
class TService(Middle):
    def __init__(self, stop): super().__init__(stop)
class UService(Middle): pass
class VService(Held):
    def __init__(self, stop): super().__init__(stop)
class WService(Both):
    def __init__(self, repo, stop): super().__init__(repo=repo, guard=stop)
class XService(Second):
    def __new__(cls, stop): return super().__new__(cls, stop)
class YService(Second):
    def __new__(cls, *args, **kwargs): return super().__new__(cls, *args, **kwargs)
class ZService(Base):
    def __init__(self, repo, stop):
        self.stop = stop
        super().__init__(repo, self.stop)
def made(guard):
    class AAService(Base):
        def __init__(self, repo): super().__init__(repo, guard)
    return AAService
class ABService(Base):
    def __init__(self, repo, guards):
        for guard in guards: super().__init__(repo, guard)
class ACService(Base):
    def __init__(self, repo, stop): super().__init__(*(repo, stop))
class ADService(Base):
    def __init__(self, repo, stop): super().__init__(**{"repo": repo, "guard": stop})
class AEService(Base):
    def __init__(self, *args, **kwargs):
        args = args[1:]
        super().__init__(*args, **kwargs)
class AFService(Base):
    async def run(self): ...
    def __init__(self, repo, stop): (lambda: super(AFService, self).__init__(repo, stop))()
class Guards:
    def __init__(self, *guards: HaltGuard, **named: HaltGuard): ...
class AGService(Guards):
    def __init__(self, stop): super().__init__(stop)
class AHService(Guards):
    def __init__(self, stop): super().__init__(main=stop)
class AIService(Guards):
    def __init__(self, stop): super().__init__([stop])
class Mixin:
    def log(self): ...
class Together:
    def __init__(self, **more): super().__init__(**more)
class AJService(Mixin, Base):
    def __init__(self, stop): super().__init__(None, stop)
class AKService(Together, Base):
    def __init__(self, stop): super().__init__(guard=stop)
class ALService(Unknown, Base):
    def __init__(self, *args, **kwargs): Unknown.__init__(self, *args, **kwargs)
class AMService(Base):
    def __init__(self, stop=None):
        if stop is None:
            stop = HaltGuard()
        super().__init__(None, stop)
class ANService(Base):
    def __init__(self, container): super().__init__(None, container.resolve(HaltGuard))
class AOService(Base):
    def __init__(self, make): super().__init__(None, make())
class APService(Base):
    def __init__(self, guards): super().__init__(None, guards[0])
""",
}

_BAD = {
    "constructors that hand on no guard": """
import shop.bases
from shop.halt import HaltGuard
from shop.bases import Held, Taking
from shop.handing import Both, Dropping, Forwarding, Middle, NOTHING, Optional, Second
class Base:
    def __init__(self, repo=None, guard: HaltGuard | None = None): ...
class Required:
    def __init__(self, guard: HaltGuard): ...
class AService(Base):  # <-
    def __init__(self, repo):
        self.repo = repo
        super().__init__()
class BService(Base):  # <-
    def __init__(self, repo): super().__init__(repo, None)
class CService(Required):  # <-
    def __init__(self): super().__init__(None)
class DService(Taking):  # <-
    def __init__(self): super().__init__(None)
class EService(Optional):  # <-
    def __init__(self): super().__init__(guard=None)
class FService(Base):  # <-
    def __init__(self, repo): super().__init__(repo)
class GService(Optional):  # <-
    def __init__(self, guard): super().__init__(guard)
class HService(Base):  # <-
    def __init__(self, repo): super().__init__(repo=repo)
class IService(Base):  # <-
    def __init__(self, repo): super().__init__(repo, HaltGuard())
class JService(Base):  # <-
    def __init__(self, repo):
        guard = HaltGuard()
        super().__init__(repo, guard=guard)
class KService(Base):  # <-
    def __init__(self, repo): Base.__init__(self, repo)
class LService(Base):  # <-
    def __init__(self, repo): super(LService, self).__init__(repo, guard=None)
class MService(Base):  # <-
    def __init__(self, repo): super().__init__(**{"repo": repo})
class NService(Base):  # <-
    def __init__(self, repo): super().__init__(*[repo])
class OService(Base):  # <-
    def __init__(self, repo): super().__init__(repo, None if repo else HaltGuard())
class PService(Base):  # <-
    def __init__(self, repo):
        self.guard = None
        super().__init__(repo, self.guard)
class QService(Base):  # <-
    def __init__(self, repo): self.repo.__init__(repo, repo)
class RService(Forwarding):  # <-
    def __init__(self, repo): super().__init__(repo)
class SService(Forwarding):  # <-
    def __init__(self, repo): super().__init__(repo, None)
class TService(Middle):  # <-
    def __init__(self, repo): super().__init__(None, repo)
class UService(Dropping):  # <-
    def __init__(self, *args, **kwargs): super().__init__(*args, **kwargs)
class VService(Dropping): pass  # <-
class WService(Held):  # <-
    def __init__(self, repo): super().__init__(None)
class XService(Both):  # <-
    def __init__(self, repo): super().__init__(repo=repo)
class YService(Second):  # <-
    def __new__(cls, repo): return super().__new__(cls, None)
class ZService(Base):  # <-
    def __init__(self, repo): super().__init__(repo, NONE)
NONE = None
class Local(Base):
    def __init__(self, repo): super().__init__(repo)
class AAService(Local): pass  # <-
class ABService(Local):  # <-
    def __init__(self, guard): super().__init__(guard)
class ACService(Base):  # <-
    def __init__(self, **kwargs): super().__init__(kwargs.get("repo"))
class ADService(Base):  # <-
    def __init__(self, repo): object.__init__(self)
class AEService(Base):  # <-
    def __init__(self, repo):
        if repo:
            super().__init__(repo)
        else:
            super().__init__()
class AFService(Base):  # <-
    def __init__(self, repo): super().__init__(repo, "guard")
class AGService(Base):  # <-
    def __init__(self, repo): super().__init__(guard=[], repo=repo)
class AHService(Base):  # <-
    def __init__(self, *args, **kwargs): super().__init__()
class AIService(Required):  # <-
    def __init__(self): super().__init__(self)
class Together:
    def __init__(self, **more): super().__init__(**more)
class AJService(Together, Base):  # <-
    def __init__(self, repo): super().__init__(repo=repo)
class AKService(Base):  # <-
    def __init__(self, repo): super().__init__(repo, not repo)
class ALService(shop.bases.Taking):  # <-
    def __init__(self): shop.bases.Taking.__init__(self, guard=None)
""",
    "plain classes": """
class OrderService: pass  # <-
class Service: pass  # <-
class OtherService(object): pass  # <-
class ThirdService():  # <-
    def __init__(self): ...
@final
class FourthService: pass  # <-
""",
    "a guard of the same name from elsewhere": """
from other.halt import HaltGuard
import other.halt
import halt
from unknown import HaltGuard as Guard
class AService(HaltGuard): pass  # <-
class BService(other.halt.HaltGuard): pass  # <-
class CService:  # <-
    def __init__(self, guard: HaltGuard): ...
class DService(halt.HaltGuard): pass  # <-
class EService(Guard): pass  # <-
""",
    "a guard of the same name in this file": """
from shop.halt import HaltGuard
class HaltGuard: pass
class OrderService(HaltGuard): pass  # <-
def make():
    class HaltGuard: pass
    class OtherService(HaltGuard): pass  # <-
""",
    "a variable that hides the guard": """
from shop.halt import HaltGuard
HaltGuard = object
class OrderService(HaltGuard): pass  # <-
""",
    "a guard that nobody imports": """
class OrderService(HaltGuard): pass  # <-
class OtherService:  # <-
    def __init__(self, guard: "HaltGuard"): ...
""",
    "parameters that do not count": """
from typing import Callable, Type
from shop.halt import HaltGuard
class AService:  # <-
    def __init__(self, guard): ...
class BService:  # <-
    def __init__(self, guard=HaltGuard()): ...
class CService:  # <-
    def __init__(self, guard: type[HaltGuard]): ...
class DService:  # <-
    def __init__(self, guard: Callable[[], HaltGuard]): ...
class FService:  # <-
    def run(self, guard: HaltGuard): ...
class GService:  # <-
    def __init__(self) -> None:
        self.guard: HaltGuard = HaltGuard()
class HService:  # <-
    def __init__(self):
        def inner(guard: HaltGuard): ...
class IService:  # <-
    def __post_init__(self, guard: HaltGuard): ...
class JService:  # <-
    def __call__(self, guard: HaltGuard): ...
class KService:  # <-
    def __init__(self: HaltGuard): ...
class LService:  # <-
    def __init__(self) -> HaltGuard: ...
class MService:  # <-
    @classmethod
    def make(cls, guard: HaltGuard): ...
class NService:  # <-
    def __init__(self, guard: Type[HaltGuard]): ...
class OService:  # <-
    def __init__(self, guard: object, name: "str"):
        self.guard = guard  # type: HaltGuard
class PService:  # <-
    class Inner:
        def __init__(self, guard: HaltGuard): ...
def __init__(self, guard: HaltGuard): ...
""",
    "attributes that are no fields": """
from dataclasses import dataclass
from typing import ClassVar, final
from shop.halt import HaltGuard
class AService:  # <-
    guard: HaltGuard
class BService:  # <-
    guard = HaltGuard()
@dataclass
class CService:  # <-
    guard: ClassVar[HaltGuard]
@dataclass
class DService:  # <-
    guard: "ClassVar[HaltGuard]" = HaltGuard()
@final
class FService:  # <-
    guard: HaltGuard
@dataclass
class GService:  # <-
    guard = HaltGuard()
@dataclass
class HService:  # <-
    name: str
""",
    "bases without it": """
from shop.bases import Abstract, Annotated, Plain, Port
from outside import Base
class AService(Plain): pass  # <-
class BService(Abstract): pass  # <-
class CService(Port): pass  # <-
class DService(Base): pass  # <-
class EService(Annotated): pass  # <-
class Local: pass
class FService(Local): pass  # <-
class GService(Local, Plain): pass  # <-
class HService(list): pass  # <-
""",
    "the guard between brackets": """
from typing import Generic
from shop.halt import HaltGuard
class Base: pass
class OrderService(Base[HaltGuard]): pass  # <-
class OtherService(Generic[HaltGuard]): pass  # <-
class ThirdService(metaclass=HaltGuard): pass  # <-
class FourthService(Base, guard=HaltGuard): pass  # <-
""",
    "abstract elsewhere only": """
import abc
from abc import ABC
class Base(ABC):
    @abc.abstractmethod
    def run(self): ...
class OrderService(Base):  # <-
    def run(self): ...
class Other:
    class Inner(ABC): ...
class OtherService(Other):  # <-
    class Inner(ABC): ...
class ABCService: pass  # <-
""",
    "an ABC from elsewhere": """
from other import ABC, Protocol, abstractmethod
class AService(ABC): pass  # <-
class BService(Protocol): pass  # <-
class CService:  # <-
    @abstractmethod
    def run(self): ...
""",
    "a constructor that drops what its base takes": """
from shop.bases import Taking
from shop.halt import HaltGuard
class AService(Taking):  # <-
    def __init__(self, orders):
        self.orders = orders
class Base:
    def __init__(self, guard: HaltGuard): ...
class BService(Base):  # <-
    def __init__(self): ...
""",
    "in every place": """
if True:
    class AService: pass  # <-
try:
    class BService: pass  # <-
except ValueError:
    class CService: pass  # <-
def make():
    class DService: pass  # <-
    def deep():
        class EService: pass  # <-
class Outer:
    class FService: pass  # <-
async def later():
    with x:
        class GService: pass  # <-
for one in x:
    class HService: pass  # <-
match x:
    case 1:
        class IService: pass  # <-
""",
    "services of services": """
from shop.halt import HaltGuard
class OrderService: pass  # <-
class OtherService(OrderService): pass  # <-
class ThirdService(HaltGuard): pass
class FourthService:  # <-
    def __init__(self, other: ThirdService): ...
""".replace("class FourthService:  # <-", "class FourthService:"),
    "a mixed file": """
from dataclasses import dataclass
from shop.halt import HaltGuard
@dataclass
@other
class AService(  # a comment
    object,
):
    name: str
class BService(HaltGuard): pass
class Test: pass
class TestService: pass  # <-
""".replace("class AService(  # a comment", "class AService(  # <-"),
    "fields that the constructor is not given": """
from dataclasses import dataclass, field, InitVar
import dataclasses
from typing import ClassVar, Optional, Annotated
import attr, attrs
from pydantic import BaseModel, PrivateAttr
from shop.halt import HaltGuard
@dataclass
class AService:  # <-
    guard: HaltGuard = field(init=False)
@dataclass(init=False)
class BService:  # <-
    guard: HaltGuard
@dataclass(init=False)
class CService:
    guard: HaltGuard
    def __init__(self, guard: HaltGuard): ...
@dataclass
class DService:  # <-
    guard: ClassVar[HaltGuard]
@dataclass
class EService:
    guard: InitVar[HaltGuard]
@dataclasses.dataclass(frozen=True)
class FService:
    guard: "HaltGuard"
@attrs.define
class GService:
    guard: HaltGuard
@attrs.define
class HService:  # <-
    guard: HaltGuard = attrs.field(init=False)
@attr.s
class IService:  # <-
    guard = attr.ib(type=HaltGuard, init=False)
@attrs.define(init=False)
class JService:  # <-
    guard: HaltGuard
class KService(BaseModel):  # <-
    _guard: HaltGuard = PrivateAttr()
class LService(BaseModel):
    guard: HaltGuard
@attr.s
class MService:
    guard = attr.ib(type=HaltGuard)
@dataclass
class NService:
    guard: Annotated[HaltGuard, "x"]
@dataclass
class OService:
    def __init__(self, name): ...
    guard: HaltGuard
""",
    "abstract bases that are filled": """
import abc
from abc import ABC, abstractmethod
from shop.bases import Abstract
class Base(ABC):
    @abstractmethod
    def run(self): ...
class AService(Base): ...
class BService(Base):  # <-
    def run(self): ...
class CService(ABC): ...
class DService(Base):
    def other(self): ...
class EService(Abstract): ...  # <-
class F(Base): ...
class FService(F): ...
class GService(F):  # <-
    def run(self): ...
class Mixin:
    def run(self): ...
class HService(Mixin, Base): ...  # <-
class IService(Base):  # <-
    run = helper
class Prop(ABC):
    @property
    @abstractmethod
    def name(self): ...
class JService(Prop):  # <-
    name = "x"
class KService(Prop):  # <-
    name: str = "x"
class LService(Prop):
    name: str
class MService(Prop, Base):
    name = "x"
""",
    "abstract bases of another file that are filled": """
from shop.ab import Base, Full, WithProto
class AService(Base): ...
class BService(Base):  # <-
    def run(self): ...
class CService(Full): ...  # <-
class DService(WithProto): ...  # <-
""",
    "made by a call": """
from shop.halt import HaltGuard
OrderService = type("OrderService", (), {})  # <-
OtherService = type("OtherService", (HaltGuard,), {})
import types
ThirdService = types.new_class("ThirdService", ())  # <-
from dataclasses import make_dataclass
FourthService = make_dataclass("FourthService", [("name", str)])  # <-
FifthService = make_dataclass("FifthService", [("guard", HaltGuard)])
from collections import namedtuple
SixthService = namedtuple("SixthService", "a b")
kind = type(x)
""",
    "made by a call of every kind": """
from shop.halt import HaltGuard
from types import new_class
import types, dataclasses
NAME = "OrderService"
AService = type("AService", (object,), {"run": run})  # <-
BService = type("BService", (HaltGuard, object), {"run": run})
CService = type("CService", bases, {})
DService = type("DService", (), namespace)
EService = type("EService", (), {"__init__": init})
FService = types.new_class("FService")  # <-
GService = new_class("GService", (HaltGuard,))
HService = dataclasses.make_dataclass("HService", ["a", ("b", int)])  # <-
IService = dataclasses.make_dataclass("IService", [("g", HaltGuard)])
JService = dataclasses.make_dataclass("JService", ["a"], bases=(HaltGuard,))
KService = type(x)
BASES = (HaltGuard,)
LService = type("LService", BASES, {})
def f():
    return type("MService", (), {})  # <-
types.new_class("NService", (), {}, body)
type("OrderServices", (), {})
print("OrderService")
""",
    "test classes and others": """
import unittest
from unittest import IsolatedAsyncioTestCase, TestCase
class TestService(unittest.TestCase): ...
class AService(TestCase): ...
class TestOrderService:
    def test_x(self): ...
class TestOtherService:
    @pytest.mark.x
    def test_x(self): ...
class TestThirdService:  # <-
    def run(self): ...
class TestFourthService(IsolatedAsyncioTestCase):
    async def test_x(self): ...
class TestFifthService(TestOrderService):
    def setup_method(self): ...
class TestSixthService:
    class TestRun:
        def test_x(self): ...
class TestSeventhService:
    test_x = other
class TestEighthService:
    def setup_method(self): ...
    def helper(self): ...
    async def test_y(self): ...
""",
    "a base of which nobody knows what it is": """
from shop.halt import HaltGuard
from lib import make
class AService(make(HaltGuard)): ...
class BService(make()): ...  # <-
""",
    "services of every kind": """
import abc
from dataclasses import dataclass
class PaymentService:  # <-
    \"\"\"Takes payments.\"\"\"
    def __init__(self, repo, bus):
        self.repo = repo
    def run(self): ...
@dataclass(frozen=True, slots=True)
class RefundService:  # <-
    repo: object
    bus: object
class AbstractService(abc.ABC):
    @abc.abstractmethod
    def run(self): ...
class ConcreteService(AbstractService):  # <-
    def run(self): ...
class BaseService:  # <-
    def run(self):
        raise NotImplementedError
class _PrivateService: ...  # <-
class Service2Service: ...  # <-
class service: ...
class MyService(PaymentService): ...  # <-
class EmptyService(BaseException): ...  # <-
class GenericService(list[int]): ...  # <-
""",
    "the guard in a wrong place": """
from shop.halt import HaltGuard
class AService:  # <-
    guard: HaltGuard
    def __init__(self): self.guard = HaltGuard()
class BService:  # <-
    def __init__(self, guard): self.guard: HaltGuard = guard
class CService:  # <-
    def set_guard(self, guard: HaltGuard): ...
class DService:  # <-
    @property
    def guard(self) -> HaltGuard: ...
class EService:  # <-
    @classmethod
    def create(cls, guard: HaltGuard): ...
class FService:  # <-
    guard = HaltGuard()
class GService:  # <-
    def __init__(self, guard: "Clock"): ...
class HService:  # <-
    def __init__(self, guard: "OtherHaltGuard"): ...
class IService:  # <-
    def __init__(self, guard=HaltGuard): ...
class JService:  # <-
    def __init__(self, guard: type[HaltGuard]): ...
class KService:  # <-
    def __init__(self, make: "Callable[[], HaltGuard]"): ...
class LService:  # <-
    def __call__(self, guard: HaltGuard): ...
class MService:  # <-
    def __init_subclass__(cls, guard: HaltGuard): ...
class NService:  # <-
    def __post_init__(self, guard: HaltGuard): ...
class OService:  # <-
    \"\"\"Takes a HaltGuard.\"\"\"
    # guard: HaltGuard
class PService:  # <-
    class Meta:
        guard: HaltGuard
        def __init__(self, guard: HaltGuard): ...
class QService:  # <-
    def __init__(self):
        super().__init__(HaltGuard())
class RService(object, metaclass=type): ...  # <-
class SService:  # <-
    async def start(self, guard: HaltGuard): ...
class TService:  # <-
    def __init__(self, *, guards: "dict[HaltGuard, int]" = None): ...
""",
    "guards that are none": """
from other.halt import HaltGuard
from other import halt
import unknown.halt
from unknown.halt import HaltGuard as HG
class AService(HaltGuard): ...  # <-
class BService(halt.HaltGuard): ...  # <-
class CService(unknown.halt.HaltGuard): ...  # <-
class DService:  # <-
    def __init__(self, guard: HG): ...
class HaltGuardian: ...
class EService(HaltGuardian): ...  # <-
class FService:  # <-
    def __init__(self, guard: HaltGuardian): ...
class HaltGuard: ...
class GService(HaltGuard): ...  # <-
""",
    "a guard from elsewhere for type checkers": """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from other.halt import HaltGuard
class AService:  # <-
    def __init__(self, guard: "HaltGuard"): ...
""",
    "bases between": """
from shop.bases import Plain, Abstract, Annotated
from shop.mid import Mid, Reexported, Dropped, Alias
class AService(Mid): ...  # <-
class BService(Reexported): ...
class CService(Dropped): ...  # <-
class DService(Alias): ...
class EService(Plain, Annotated): ...  # <-
""",
    "dataclasses of every kind": """
from dataclasses import dataclass, field, KW_ONLY
import dataclasses as dc
from typing import ClassVar, Final
import typing as t
from shop.halt import HaltGuard
@dataclass
class AService:  # <-
    guard: ClassVar[HaltGuard] = HaltGuard()
@dataclass
class BService:  # <-
    guard: t.ClassVar["HaltGuard"]
@dc.dataclass
class CService:  # <-
    guard: HaltGuard = dc.field(default_factory=HaltGuard, init=False)
@dataclass
class DService:
    guard: Final[HaltGuard]
@dataclass
class EService:
    name: str
    _: KW_ONLY
    guard: HaltGuard
@dataclass
class Base:
    guard: HaltGuard
@dataclass
class FService(Base):
    x: int = 0
@dataclass
class Off:
    guard: HaltGuard = field(init=False)
@dataclass
class GService(Off):  # <-
    x: int = 0
@dataclass(init=False)
class Off2:
    guard: HaltGuard
class HService(Off2): ...  # <-
""",
    "heirs of a protocol": """
from typing import Protocol
class Port(Protocol):
    def run(self): ...
class AService(Port):  # <-
    def run(self): ...
class BService(Port, Protocol): ...
""",
    "deep in other things": """
def make():
    if True:
        class AService:  # <-
            ...
    return [lambda: 0]
class Outer:
    class InnerService:  # <-
        class DeepService: ...  # <-
try: ...
finally:
    class FService: ...  # <-
""",
    "more ways to do without": """
from __future__ import annotations
import logging
from typing import Any, ClassVar, NamedTuple, TypedDict
from dataclasses import dataclass, field, replace
from shop.halt import HaltGuard
from shop.bases import Taking, Guarded, Model, Held
import shop.halt as sh
class OrderService(dict): ...  # <-
class UserService(Exception): ...  # <-
class AsyncService:  # <-
    async def __aenter__(self) -> HaltGuard: ...
class SlotService:  # <-
    __slots__ = ("guard",)
    guard: HaltGuard
class KwService:  # <-
    def __init__(self, **kwargs: Any): self.guard: HaltGuard = kwargs["guard"]
class ArgService:  # <-
    def __init__(self, *args): ...
class StrService:  # <-
    def __init__(self, guard: "str"): ...
class ObjService:  # <-
    def __init__(self, guard: object): ...
class DefaultService:  # <-
    def __init__(self, guard=HaltGuard()): ...
class CommentService:  # <-
    def __init__(self, guard):
        # guard: HaltGuard
        self.guard = guard
class TupService(NamedTuple):  # <-
    name: str
class DropService(Taking):  # <-
    def __init__(self, name: str) -> None:
        self.name = name
class ComposeService:  # <-
    def __init__(self, taking: Taking): ...
class FactoryService:  # <-
    @staticmethod
    def build(guard: HaltGuard) -> FactoryService: ...
class PropService:  # <-
    @property
    def halt_guard(self) -> sh.HaltGuard: ...
class LateService:  # <-
    def __init__(self): ...
    def bind(self, guard: sh.HaltGuard) -> None: ...
class CallService:  # <-
    __init__ = lambda self, guard: None
class IntersectService:  # <-
    def __init__(self, guard: HaltGuardX): ...
@logging.x
class DecoService:  # <-
    def run(self): ...
class LambdaService:  # <-
    run = lambda self, guard: guard
class FakeHaltGuardService: ...  # <-
class NestedService:  # <-
    class HaltGuard: ...
    def run(self): ...
class Nested2Service:  # <-
    class HaltGuard: ...
    def __init__(self, guard: HaltGuard): ...
for HaltGuard2 in []:
    class LoopService(HaltGuard2): ...  # <-
@dataclass
class MixedService:  # <-
    name: str
    guard: ClassVar[sh.HaltGuard] = None
    other = sh.HaltGuard()
    def set(self, guard: sh.HaltGuard): ...
class GenericOnlyService(list[HaltGuard]): ...  # <-
class UnionService:  # <-
    def __init__(self, guard: int | str | None): ...
""",
    "through another file in every way": """
from shop.svc import Base, Mixed, Proto, GuardedModel, Dropper, Late, Abs, AbsDone
class AService(Base): ...
class BService(Mixed): ...
class CService(Proto): ...  # <-
class DService(GuardedModel): ...
class EService(Dropper): ...  # <-
class FService(Late): ...
class GService(Abs): ...
class HService(AbsDone): ...  # <-
class IService(Dropper):
    from shop.halt import HaltGuard as G
    def __init__(self, g: G): ...
""",
}


def marked_lines(code: str) -> list[int]:
    return [number for number, line in enumerate(code.split("\n"), 1) if line.endswith("# <-")]


# The same under the name of a facade, and under a pattern.
FACADE = (
    "from shop.halt import HaltGuard\nfrom shop.bases import Deep\n"
    "class AService(HaltGuard): pass\nclass BService(Deep): pass\n"
    "class CService:\n    def __init__(self, guard: HaltGuard): ...\n"
)
# No chain of bases is too long.
_CHAIN = "".join(
    f"class C{number + 1}(C{number}):\n    def __init__(self, g): super().__init__(g)\n"
    for number in range(400)
)
_GOOD["a long chain of constructors"] = f"""
from shop.halt import HaltGuard
class C0:
    def __init__(self, guard: HaltGuard): ...
{_CHAIN}
class OrderService(C400): pass
class Circle(Round, C400): pass
class Round(Circle): pass
"""
_BAD["a long chain of constructors that ends"] = f"""
from shop.halt import HaltGuard
class C0:
    def __init__(self, repo, guard: HaltGuard | None = None): ...
{_CHAIN}
class OrderService(C400): pass  # <-
class Circle(Round): pass
class Round(Circle): pass
class RoundService(Circle): pass  # <-
"""
GOOD = (
    *(
        good(
            name,
            code,
            files=FILES,
            path="shop/halt.py" if name == "the guard's own services" else "shop/module.py",
        )
        for name, code in _GOOD.items()
    ),
    *(
        good(f"a guard that is called {name}", FACADE, files=FILES, options={"guard": name})
        for name in ("shop.HaltGuard", "shop.api.Guard", "shop.far.HaltGuard", "shop.*.HaltGuard")
    ),
)
BAD = tuple(bad(name, code, *marked_lines(code), files=FILES) for name, code in _BAD.items())
