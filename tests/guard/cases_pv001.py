"""More cases of PV-001: an event type that is written as a string."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from failtrack_guard.rule import Case
from failtrack_guard.rules.pv001_raw_event_type import SHOP

RULE = "PV-001"
HEAD = "from shop.events import Event, EventType\nfrom shop.bus import Bus, emit\n"


def case(name: str, code: str, files: dict[str, str] | None = None, **more: Any) -> Case:
    """Return a case; each line of its code with a finding ends with `#!`."""
    lines = tuple(number for number, line in enumerate(code.splitlines(), 1) if line.endswith("#!"))
    return Case(name, code, lines=lines, files={**SHOP, **(files or {})}, **more)


def cases(head: str, text: str) -> Iterator[Case]:
    """Yield the cases of a text: `=== name`, code, and other files as `--- path`, text."""
    for part in text.split("=== ")[1:]:
        name, _, body = part.partition("\n")
        code, *others = body.split("--- ")
        files = dict(one.partition("\n")[::2] for one in others)
        yield case(name, head + code, files)


BAD_HERE = """\
=== an event class by keyword
Event(type='order.created')  #!
=== an emitter
emit('order.created')  #!
=== an emitter with more arguments
emit('order.created', {'id': 1})  #!
=== an emitter by the name of its first parameter
emit(kind='order.created')  #!
=== a type that is no member
emit('order.craeted')  #!
=== an f-string
def f(name):
    emit(f'order.{name}')  #!
=== an f-string without a field
emit(f'order.created')  #!
=== a concatenation
emit('order.' + 'created')  #!
=== a concatenation with a name
def f(name):
    emit('order.' + name)  #!
=== percent
def f(name):
    emit('order.%s' % name)  #!
=== format
def f(name):
    emit('order.{}'.format(name))  #!
=== join
emit('.'.join(['order', 'created']))  #!
=== a condition
def f(x):
    emit(EventType.ORDER_PAID if x else 'order.created')  #!
=== a fallback
def f(x):
    emit(x or 'order.created')  #!
=== a walrus
emit(kind := 'order.created')  #!
=== implicit concatenation
emit('order.' 'created')  #!
=== a constant
CREATED = 'order.created'
emit(CREATED)  #!
=== an annotated constant
CREATED: str = 'order.created'
emit(CREATED)  #!
=== a constant used in a function
CREATED = 'order.created'
def f():
    emit(CREATED)  #!
=== a constant made of another
A = 'order'
B = A + '.created'
emit(B)  #!
=== a local variable
def f():
    kind = 'order.created'
    emit(kind)  #!
=== a variable in one branch
def f(x):
    kind = EventType.ORDER_PAID
    if x:
        kind = 'order.created'
    emit(kind)  #!
=== a constant of a class
class Kinds:
    CREATED = 'order.created'

emit(Kinds.CREATED)  #!
=== a constant of the own class
class Service:
    KIND = 'order.created'
    def run(self):
        emit(self.KIND)  #!
=== an attribute of self
class Service:
    def __init__(self):
        self.kind = 'order.created'
    def run(self):
        emit(self.kind)  #!
=== a dict of names
KINDS = {'new': 'order.created'}
emit(KINDS['new'])  #!
=== a tuple of names
KINDS = ('order.created', 'order.paid')
emit(KINDS[0])  #!
=== a loop over names
for kind in ('order.created', 'order.paid'):
    emit(kind)  #!
=== a loop over a constant
KINDS = ['order.created']
for kind in KINDS:
    emit(kind)  #!
=== a comprehension over names
[Event(kind) for kind in ('order.created',)]  #!
=== unpacked names
A, B = 'order.created', 'order.paid'
emit(B)  #!
=== what a function here returns
def kind():
    return 'order.created'
emit(kind())  #!
=== a parameter's default
def f(kind='order.created'):
    emit(kind)  #!
=== str of a literal
emit(str('order.created'))  #!
=== a global that is set elsewhere
KIND = None
def f():
    global KIND
    KIND = 'a.b'
def g():
    emit(KIND)  #!
=== an alias by assignment
send = emit
send('order.created')  #!
=== an alias of an alias
a = emit
b = a
b('order.created')  #!
=== an alias in a function
def f():
    make = Event
    make('order.created')  #!
=== a conditional alias
def f(x):
    make = Event if x else dict
    make('order.created')  #!
=== a method of a value that is made here
bus = Bus()
bus.publish('order.created')  #!
=== a method of a new value
Bus().publish('order.created')  #!
=== a method of a typed parameter
def f(bus: Bus):
    bus.publish('order.created')  #!
=== a method of an optional parameter
def f(bus: 'Bus | None' = None):
    bus.publish('a.b')  #!
=== a method of a typed attribute
class S:
    bus: Bus
    def f(self):
        self.bus.publish('a.b')  #!
=== a method of an attribute from init
class S:
    def __init__(self, bus: Bus):
        self.bus = bus
    def f(self):
        self.bus.publish('a.b')  #!
=== a method of an attribute that init makes
class S:
    def __init__(self):
        self._bus = Bus()
    def f(self):
        self._bus.publish('a.b')  #!
=== a method of a subclass
class Loud(Bus):
    pass
Loud().publish('order.created')  #!
=== a method of self
class Loud(Bus):
    def f(self):
        self.publish('order.created')  #!
=== a method of super
class Loud(Bus):
    def publish(self, kind, payload=None):
        super().publish('order.created')  #!
=== an unbound method
def f(bus: Bus):
    Bus.publish(bus, 'order.created')  #!
=== a bound method under a name
def f(bus: Bus):
    send = bus.publish
    send('order.created')  #!
=== a context manager
with Bus() as bus:
    bus.publish('order.created')  #!
=== an awaited method
async def f(bus: Bus):
    await bus.publish('order.created')  #!
=== a subclass here
class OrderEvent(Event):
    pass
OrderEvent('order.created')  #!
=== a subclass of a subclass
class A(Event):
    pass
class B(A):
    pass
B(type='order.created')  #!
=== a generic event
from typing import Generic, TypeVar
T = TypeVar('T')
class A(Event, Generic[T]):
    pass
A[int]('order.created')  #!
=== super init
class A(Event):
    def __init__(self, order):
        super().__init__('order.created', order)  #!
=== super init by keyword
class A(Event):
    def __init__(self, order):
        super().__init__(type='order.created')  #!
=== old super
class A(Event):
    def __init__(self):
        super(A, self).__init__('order.created')  #!
=== init of the base
class A(Event):
    def __init__(self):
        Event.__init__(self, 'order.created')  #!
=== cls in a class method
class A(Event):
    @classmethod
    def make(cls):
        return cls('order.created')  #!
=== the class of self
class A(Event):
    def again(self):
        return self.__class__('order.created')  #!
=== type of self
class A(Event):
    def again(self):
        return type(self)('order.created')  #!
=== a class as a parameter
def f(made: type[Event]):
    return made('order.created')  #!
=== a class attribute of a subclass
class A(Event):
    type = 'order.created'  #!
=== a field of a subclass
class A(Event):
    type: EventType = 'order.created'  #!
=== a string field of a subclass
class A(Event):
    type: str = 'order.created'  #!
=== a subclass whose constructor takes it
class A(Event):
    def __init__(self, type: EventType, order):
        super().__init__(type)
A('order.created', 1)  #!
=== a subclass whose constructor takes all
class A(Event):
    def __init__(self, *args):
        super().__init__(*args)
A('order.created', 1)  #!
=== a dataclass below the event
from dataclasses import dataclass
@dataclass
class A(Event):
    order: str = ''
A('order.created', 'o-1')  #!
=== a dict that is unpacked
Event(**{'type': 'order.created'})  #!
=== a dict variable that is unpacked
data = {'type': 'order.created', 'payload': 1}
Event(**data)  #!
=== dict() that is unpacked
data = dict(type='order.created')
Event(**data)  #!
=== a dict with another in it
base = {'type': 'order.created'}
Event(**{**base, 'payload': 1})  #!
=== dicts joined
base = {'type': 'order.created'}
Event(**(base | {'payload': 1}))  #!
=== a dict that is filled
data = {}
data['type'] = 'order.created'
Event(**data)  #!
=== a constant key
KEY = 'type'
Event(**{KEY: 'order.created'})  #!
=== the name in a dict
def f(record):
    record(**{'event_type': 'order.created'})  #!
=== a list that is unpacked
Event(*['order.created', 1])  #!
=== a tuple variable that is unpacked
args = ('order.created', 1)
emit(*args)  #!
=== partial
import functools
f = functools.partial(emit, 'order.created')  #!
=== partial as
from functools import partial as p
f = p(Event, type='order.created')  #!
=== partial without arguments
from functools import partial
f = partial(emit)
f('order.created')  #!
=== partial of a method
from functools import partial
def f(bus: Bus):
    return partial(bus.publish, 'order.created')  #!
=== partial with the name
from functools import partial
def record(event_type): ...
f = partial(record, event_type='order.created')  #!
=== to_thread
import asyncio
async def f():
    await asyncio.to_thread(emit, 'order.created')  #!
=== submit
def f(pool):
    pool.submit(emit, 'order.created')  #!
=== map
events = list(map(Event, ['order.created']))  #!
=== replace
from dataclasses import replace
def f(event: Event):
    return replace(event, type='order.created')  #!
=== a lambda
f = lambda: emit('order.created')  #!
=== a decorator
@emit('order.created')  #!
def f(): ...
=== a keyword
def f(record):
    record(event_type='order.created')  #!
=== a keyword of a method
def f(store):
    store.save(1, event_type='order.created')  #!
=== a keyword of a function of the project
from shop.audit import record
record(event_type='order.created')  #!
=== a keyword of a query
from sqlalchemy import select
def f(T):
    return select(T).filter_by(event_type='order.created')  #!
=== a keyword that holds a constant
KIND = 'order.created'
def f(record):
    record(event_type=KIND)  #!
=== a parameter's default of the name
def f(event_type='order.created'): ...  #!
=== a keyword-only default
def f(*, event_type=f'order.created'): ...  #!
=== a lambda's default
f = lambda event_type='order.created': event_type  #!
=== a default of the right type
def f(event_type: EventType = 'order.created'): ...  #!
=== a default that is a constant
KIND = 'order.created'
def f(event_type=KIND): ...  #!
=== an annotation
def f(event_type: str): ...  #!
=== an optional annotation
from typing import Optional
def f(event_type: Optional[str] = None): ...  #!
=== a union annotation
def f(event_type: str | None = None): ...  #!
=== a quoted annotation
def f(event_type: 'str'): ...  #!
=== a quoted union
def f(event_type: 'str | None'): ...  #!
=== an annotation in typing.Annotated
from typing import Annotated
def f(event_type: Annotated[str, 1]): ...  #!
=== an alias of str
Name = str
def f(event_type: Name): ...  #!
=== a typing alias
import typing as t
def f(event_type: t.Union[str, None]): ...  #!
=== literal strings
from typing import Literal
def f(event_type: Literal['order.created']): ...  #!
=== an annotation of a method
class A:
    async def f(self, event_type: str, x=1): ...  #!
=== a field
class A:
    event_type: str  #!
=== a field of a dataclass
from dataclasses import dataclass
@dataclass
class A:
    event_type: str = 'order.created'  #!
=== a field of the right type
from dataclasses import dataclass
@dataclass
class A:
    event_type: EventType = 'order.created'  #!
=== a field with field
from dataclasses import dataclass, field
@dataclass
class A:
    event_type: EventType = field(default='order.created')  #!
=== a field with a factory
from dataclasses import dataclass, field
@dataclass
class A:
    event_type: EventType = field(default_factory=lambda: 'order.created')  #!
=== a plain class attribute
class A:
    event_type = 'order.created'  #!
=== a typed class attribute
from typing import ClassVar
class A:
    event_type: ClassVar[str] = 'order.created'  #!
=== a pydantic field
from pydantic import BaseModel, Field
class A(BaseModel):
    event_type: EventType = Field('order.created')  #!
=== an attribute of an instance
class A:
    def __init__(self):
        self.event_type = 'order.created'  #!
=== a typed attribute of an instance
class A:
    def __init__(self, kind):
        self.event_type: str = kind  #!
=== an attribute of something
def f(row):
    row.event_type = 'order.created'  #!
=== a property
class A:
    @property
    def event_type(self):
        return 'order.created'  #!
=== an annotated variable
def f():
    event_type: str = 'order.created'  #!
=== another name that is annotated with the enum
def f(kind: EventType = 'order.created'): ...  #!
=== a variable that is annotated with the enum
kind: EventType = 'order.created'  #!
=== setting the type
def f(event: Event):
    event.type = 'order.created'  #!
=== setting the type of self
class A(Event):
    def f(self):
        self.type = 'order.created'  #!
=== setattr
def f(event: Event):
    setattr(event, 'type', 'order.created')  #!
=== setattr of a frozen event
class A(Event):
    def __post_init__(self):
        object.__setattr__(self, 'type', 'order.created')  #!
=== equal
def f(event: Event):
    return event.type == 'order.created'  #!
=== not equal
def f(event: Event):
    return event.type != 'order.created'  #!
=== reversed
def f(event: Event):
    return 'order.created' == event.type  #!
=== in a tuple
def f(event: Event):
    return event.type in ('order.created', 'order.paid')  #!
=== in a set
def f(event: Event):
    return event.type in {'order.created'}  #!
=== not in a list
def f(event: Event):
    return event.type not in ['order.created']  #!
=== in a constant
KINDS = frozenset({'order.created'})
def f(event: Event):
    return event.type in KINDS  #!
=== in with a member
def f(event: Event):
    return event.type in (EventType.ORDER_PAID, 'order.created')  #!
=== a string in types
def f(a: Event, b: Event):
    return 'order.created' in (a.type, b.type)  #!
=== a chain
def f(a: Event, b: Event):
    return a.type == b.type == 'order.created'  #!
=== a constant that is compared
KIND = 'order.created'
def f(event: Event):
    return event.type == KIND  #!
=== an f-string that is compared
def f(event: Event, x):
    return event.type == f'order.{x}'  #!
=== an event that is made here
event = Event(EventType.ORDER_PAID)
assert event.type == 'order.created'  #!
=== an event that is made in place
assert Event(EventType.ORDER_PAID).type == 'order.created'  #!
=== a quoted event
def f(event: 'Event'):
    return event.type == 'order.created'  #!
=== an optional event
def f(event: Event | None):
    return event and event.type == 'order.created'  #!
=== one of several events
from typing import Union
class A: ...
def f(event: Union[A, Event]):
    return event.type == 'order.created'  #!
=== an event in a list
def f(events: list[Event]):
    for event in events:
        if event.type == 'order.created':  #!
            pass
=== an event in a comprehension
from collections.abc import Iterable
def f(events: Iterable[Event]):
    return [e for e in events if e.type == 'order.created']  #!
=== an event by its index
def f(events: list[Event]):
    return events[0].type == 'order.created'  #!
=== an event of an attribute
class A:
    def __init__(self, event: Event):
        self.event = event
    def f(self):
        return self.event.type == 'order.created'  #!
=== an event that a function returns
def last() -> Event: ...
assert last().type == 'order.created'  #!
=== an event by isinstance
def f(x):
    return isinstance(x, Event) and x.type == 'order.created'  #!
=== an event by cast
from typing import cast
def f(x):
    return cast(Event, x).type == 'order.created'  #!
=== an event's own method
class A(Event):
    def is_new(self):
        return self.type == 'order.created'  #!
=== the type under another name
def f(event: Event):
    kind = event.type
    return kind == 'order.created'  #!
=== a walrus of the type
def f(event: Event):
    return (kind := event.type) == 'order.created'  #!
=== the value of the type
def f(event: Event):
    return event.type.value == 'order.created'  #!
=== getattr of the type
def f(event: Event):
    return getattr(event, 'type') == 'order.created'  #!
=== an attribute of the name
def f(row):
    return row.event_type == 'order.created'  #!
=== an attribute of the name, reversed
def f(row):
    return 'order.created' != row.event_type  #!
=== an attribute of the name in a list
def f(row):
    return row.event_type in ['order.created']  #!
=== a parameter of the name
def f(event_type):
    return event_type == 'order.created'  #!
=== a parameter of the enum
def f(kind: EventType):
    return kind == 'order.created'  #!
=== assertEqual
class T:
    def test(self):
        event = Event(EventType.ORDER_PAID)
        self.assertEqual(event.type, 'order.paid')  #!
=== a walk through while
def f(event: Event):
    while event.type != 'order.paid':  #!
        pass
=== an event in a lambda
def f(events: list[Event]):
    return any(e.type == 'order.paid' for e in events)  #!
=== match
def f(event: Event):
    match event.type:
        case 'order.created':  #!
            pass
=== match with alternatives
def f(event: Event):
    match event.type:
        case EventType.ORDER_PAID:
            pass
        case 'order.created' as kind:  #!
            pass
=== match of the name
def f(row):
    match row.event_type:
        case 'order.created':  #!
            pass
        case _:
            pass
=== match of the value
def f(event: Event):
    match event.type.value:
        case 'order.created':  #!
            pass
=== match of a class
def f(event):
    match event:
        case Event(type='order.created'):  #!
            pass
=== match of a class by position
def f(event):
    match event:
        case Event('order.created'):  #!
            pass
=== match of a subclass elsewhere
from shop import orders
def f(event):
    match event:
        case orders.OrderEvent(type='a.b'):  #!
            pass
--- shop/orders.py
from shop.events import Event


class OrderEvent(Event):
    pass
=== match of a tuple
def f(event: Event, x):
    match (event.type, x):
        case ('order.created', 1):  #!
            pass
=== match of a guard
def f(event: Event):
    match event:
        case _ if event.type == 'order.created':  #!
            pass
=== a function here that hands it on
def make(t):
    return Event(t)
make('order.created')  #!
=== a function here that hands a str on
def make(t: str):
    return Event(t)
make('order.created')  #!
=== a function here by keyword
def make(*, t):
    return Event(type=t)
make(t='order.created')  #!
=== a default that is handed on
def make(t='order.created'):
    return Event(t)  #!
=== a function here that emits
def send(kind, payload):
    emit(kind, payload)
send('order.created', {})  #!
send(EventType.ORDER_PAID, {})
=== a method here that emits
class Service:
    def _send(self, kind, payload=None):
        emit(kind, payload)
    def run(self):
        self._send('order.created')  #!
        self._send(EventType.ORDER_CREATED)
=== a lambda that hands it on
make = lambda t: Event(t)
make('order.created')  #!
=== a function that calls another one
def a(t):
    emit(t)
def b(x, t):
    a(t)
b(1, 'order.created')  #!
=== a second parameter that is handed on
def a(payload, t):
    emit(t, payload)
a('order.paid', EventType.ORDER_PAID)
a('x', 'order.paid')  #!
=== a parameter of the enum in a function here
def a(t: EventType):
    return t.name
a('order.paid')  #!
=== a return where the enum is promised
def f() -> EventType:
    return 'order.created'  #!
=== a return where the enum may be
def f(x) -> EventType | None:
    if x:
        return None
    return 'order.created'  #!
=== a method of the name
class A:
    def event_type(self) -> str:  #!
        return 'order.created'  #!
=== a list of the enum is promised
def f() -> 'list[EventType]':
    return ['order.created']  #!
=== the value of another enum
from enum import Enum
class Other(Enum):
    A = 'order.created'
emit(Other.A.value)  #!
emit(Other.A)
=== a member of another enum of strings
from enum import Enum
class Other(str, Enum):
    A = 'order.created'
emit(Other.A)  #!
Event(Other.A.value)  #!
=== a member of another StrEnum
from enum import StrEnum
class Other(StrEnum):
    A = 'order.created'
emit(Other.A)  #!
def f(event: Event):
    return event.type == Other.A  #!
=== another enum's value is compared
from enum import Enum
class Other(Enum):
    A = 'order.created'
def f(event: Event):
    return event.type == Other.A.value  #!
=== a cast to the enum
from typing import cast
emit(cast(EventType, 'order.created'))  #!
=== a cast to the quoted enum
from typing import cast
emit(cast('EventType', 'order.created'))  #!
=== a list of str
def f(event_type: list[str]): ...  #!
=== a set of str
class A:
    event_type: set[str]  #!
=== a sequence of str
from collections.abc import Sequence
def f(event_type: Sequence[str] = ()): ...  #!
=== a whole type as a beginning
def f(event: Event):
    return event.type.startswith('order.created')  #!
=== an equal by its method
def f(event: Event):
    return event.type.__eq__('order.created')  #!
=== str of the type
def f(event: Event):
    return str(event.type) == 'order.created'  #!
=== the type in lower case
def f(event: Event):
    return event.type.lower() == 'order.created'  #!
=== in a dict
def f(event: Event):
    return event.type in {'order.created': 1}  #!
=== the type in an f-string
def f(event: Event):
    return f'{event.type}' == 'order.created'  #!
=== a dict that is asked by the type
H = {'order.created': print}
def f(event: Event):
    return H[event.type]()  #!
=== get by the type
H = {'order.created': print}
def f(event: Event):
    return H.get(event.type)  #!
=== a dict of the class by the type
class A:
    H = {'order.created': print}
    def f(self, event: Event):
        return self.H[event.type]()  #!
=== a dict of self by the type
class A:
    def __init__(self):
        self.h = {'order.created': print}
    def f(self, event: Event):
        return self.h[event.type]()  #!
=== a dict in place by the value
def f(event: Event):
    return {'order.created': 1}[event.type.value]  #!
=== in a dict and from it
H = {'order.created': print}
def f(event: Event):
    if event.type in H:  #!
        H[event.type]()  #!
=== a filter with a lambda
def f(events: list[Event]):
    return filter(lambda e: e.type == 'order.created', events)  #!
=== a key with a lambda
def f(events: list[Event]):
    return sorted(events, key=lambda e: e.type == 'order.created')  #!
=== a map with a lambda
def f(events: list[Event]):
    return any(map(lambda e: e.type == 'x', events))  #!
=== a method by getattr
getattr(Bus(), 'publish')('order.created')  #!
=== a method of a typed value by getattr
def f(bus: Bus):
    getattr(bus, 'publish')('order.created')  #!
=== bytes that are decoded
emit(b'order.created'.decode())  #!
=== bytes of a constant
X = b'order.created'
emit(X.decode('utf-8'))  #!
=== an interned string
import sys
emit(sys.intern('order.created'))  #!
=== str of bytes
emit(str(b'order.created', 'utf-8'))  #!
=== a string in lower case
emit('ORDER.CREATED'.lower())  #!
=== a join of a constant
X = ['order', 'created']
emit('.'.join(X))  #!
=== a join of a generator
def f(xs):
    emit('.'.join(x for x in xs))  #!
=== percent of several
emit('%s.%s' % ('order', 'created'))  #!
=== format of several
emit('{}.{}'.format('order', 'created'))  #!
=== a template
from string import Template
emit(Template('order.$x').substitute(x='created'))  #!
=== a string several times
emit('order.created' * 1)  #!
=== a part of a string
emit('order.createdX'[:-1])  #!
=== an item of a list in place
emit(['order.created', 'b'][0])  #!
=== an item of a split string
emit('order.created order.paid'.split()[0])  #!
=== partial of both
from functools import partial
partial(Event, 'order.created')  #!
partial(emit, 'order.created')  #!
=== a callback
def f(x):
    x.on_done(emit, 'order.created')  #!
=== a callback that is added
def f(x):
    x.add_callback(emit, 'order.created')  #!
=== a callback at exit
import atexit
atexit.register(emit, 'order.created')  #!
=== a timer
import threading
threading.Timer(1, emit, args=['order.created'])  #!
=== a timer by position
import threading
threading.Timer(1, emit, ['order.created'])  #!
=== a member's value for somebody's function
def f(retry):
    retry(emit, 'order.created')  #!
=== a pair that is unpacked
kind, payload = 'order.created', 1
emit(kind)  #!
=== a constant pair that is unpacked
PAIR = ('order.created', 1)
kind, payload = PAIR
emit(kind)  #!
=== a loop over a list in place
for t in ['order.created', 'b']:
    emit(t)  #!
=== a tuple with a star
Event(*('order.created',))  #!
=== dict() with two stars
Event(**dict(type='order.created'))  #!
=== _replace
def f(event: Event):
    return event._replace(type='order.created')  #!
=== model_copy
def f(event: Event):
    return event.model_copy(update={'type': 'order.created'})  #!
=== copy with update
def f(event: Event):
    return event.copy(update={'type': 'order.created'})  #!
=== copy.replace
import copy
def f(event: Event):
    return copy.replace(event, type='order.created')  #!
=== setattr of the type
def f(event: Event):
    setattr(event, 'type', 'order.created')  #!
=== what is added to the type
def f(event: Event):
    event.type += '.done'  #!
=== the type of each event
def f(events: list[Event]):
    for e in events:
        e.type = 'order.created'  #!
=== the type of a class is set
class E(Event):
    type = EventType.ORDER_PAID
E.type = 'order.created'  #!
"""
BAD_ALONE = """\
=== import as
from shop.events import Event as E
E('order.created')  #!
=== a module attribute
import shop.events
shop.events.Event('order.created')  #!
=== a module from a package
from shop import events
events.Event('order.created')  #!
=== a module import as
import shop.events as ev
ev.Event('order.created')  #!
=== a relative import
from .events import Event
Event('order.created')  #!
=== a relative module
from . import bus
bus.emit('order.created')  #!
=== a star import
from shop.events import *
Event('order.created')  #!
=== an import in a function
def f():
    from shop.bus import emit
    emit('a.b')  #!
=== an import in try
try:
    from shop.bus import emit
except ImportError:
    raise
emit('a.b')  #!
=== an import for types alone
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.events import Event
def f(event: 'Event'):
    return event.type == 'order.created'  #!
=== a re-export
from shop.api import Event
Event('order.created')  #!
--- shop/api.py
from shop.events import Event
=== a renaming re-export
from shop.api import send
send('order.created')  #!
--- shop/api.py
from shop.bus import emit as send
=== a re-export by the package
from shop import Event
Event('order.created')  #!
--- shop/__init__.py
from .events import Event
=== a star re-export
from shop.api import Event
Event('order.created')  #!
--- shop/api.py
from shop.events import *
=== getattr
import shop.events
getattr(shop.events, 'Event')('order.created')  #!
=== import_module
import importlib
importlib.import_module('shop.events').Event('a.b')  #!
=== a value of another module
from shop.app import bus
bus.publish('order.created')  #!
--- shop/app.py
from shop.bus import Bus
bus = Bus()
=== a function of another module that returns one
from shop.app import get
get().publish('order.created')  #!
--- shop/app.py
from shop.bus import Bus
def get() -> Bus: ...
=== an attribute of a typed value
from shop.app import App
def f(app: App):
    app.bus.publish('a.b')  #!
--- shop/app.py
from shop.bus import Bus
class App:
    bus: Bus
=== an attribute of a base elsewhere
from shop.app import App
class Mine(App):
    def f(self):
        self.bus.publish('a.b')  #!
--- shop/app.py
from shop.bus import Bus
class App:
    def __init__(self, bus: Bus):
        self.bus = bus
=== a subclass elsewhere
from shop.orders import OrderEvent
OrderEvent('order.created')  #!
--- shop/orders.py
from shop.events import Event


class OrderEvent(Event):
    pass
=== a subclass of one elsewhere
from shop import orders
class A(orders.OrderEvent):
    pass
A('order.created')  #!
--- shop/orders.py
from shop.events import Event


class OrderEvent(Event):
    pass
=== three files
from shop.c import C
C(type='order.created')  #!
--- shop/orders.py
from shop.events import Event


class OrderEvent(Event):
    pass
--- shop/c.py
from shop.orders import OrderEvent as O
class C(O): ...
=== super init of a base elsewhere
from shop.orders import OrderEvent
class A(OrderEvent):
    def __init__(self):
        super().__init__('order.created')  #!
--- shop/orders.py
from shop.events import Event


class OrderEvent(Event):
    pass
=== an event of a subclass elsewhere
from shop.orders import OrderEvent
def f(event: OrderEvent):
    return event.type == 'order.created'  #!
--- shop/orders.py
from shop.events import Event


class OrderEvent(Event):
    pass
=== an event that a function elsewhere returns
from shop.log import last
assert last().type == 'order.created'  #!
--- shop/log.py
from shop.events import Event
def last() -> Event: ...
=== an event of another module
from shop.log import LAST
assert LAST.type == 'order.created'  #!
--- shop/log.py
from shop.events import Event
LAST: Event
=== a condition with not and or
from shop.events import Event
def f(x):
    if not isinstance(x, Event) or x.type != 'order.created':  #!
        return
    return x.type == 'order.paid'  #!
=== a function elsewhere that makes one
from shop.app import get
get().publish('order.created')  #!
--- shop/app.py
from shop.bus import Bus
def get():
    return Bus()
=== a function here that makes one
from shop.bus import Bus
def get():
    return Bus()
get().publish('order.created')  #!
=== a method that returns Self
from shop.app import App
App.make().bus.publish('order.created')  #!
--- shop/app.py
from typing import Self
from shop.bus import Bus
class App:
    bus: Bus
    @classmethod
    def make(cls) -> Self: ...
=== an alias of a union
from typing import Optional
Name = Optional[str]
def f(event_type: Name): ...  #!
=== an alias of a union with a bar
Name = str | None
def f(event_type: Name): ...  #!
=== an explicit alias
from typing import TypeAlias
Name: TypeAlias = str
def f(event_type: Name): ...  #!
=== a keyword of a class
class A(object, event_type='order.created'):  #!
    pass
=== a type keyword of an event class
from shop.events import Event
class A(Event, type='order.created'):  #!
    pass
=== isinstance in a condition
from shop.events import Event
def f(x):
    if isinstance(x, Event):
        return x.type == 'order.created'  #!
=== isinstance and its opposite
from shop.events import Event
def f(x):
    if not isinstance(x, Event):
        return None
    return x.type == 'order.created'  #!
=== isinstance of several
from shop.events import Event
def f(x):
    if isinstance(x, (int, Event)) and x.type == 'order.created':  #!
        return x
=== an asserted isinstance
from shop.events import Event
def f(x):
    assert isinstance(x, Event)
    return x.type == 'order.created'  #!
=== a captured pattern
from shop.events import Event
def f(x):
    match x:
        case Event() as event:
            return event.type == 'order.created'  #!
=== the subject of a class pattern
from shop.events import Event
def f(x):
    match x:
        case Event():
            return x.type == 'order.created'  #!
        case _:
            return x.type == 'order.created'
=== a closure
from shop.bus import Bus
def f(bus: Bus):
    def g():
        bus.publish('order.created')  #!
    return g
=== inside an f-string
from shop.bus import emit
x = f"{emit('order.created')}"  #!
=== a default that is an event
from shop.events import Event
def f(event=Event('order.created')): ...  #!
=== a nested pattern
from shop.events import Event
def f(x):
    match x:
        case {'event': Event(type='order.created')}:  #!
            pass
        case [Event(type='order.created'), *_]:  #!
            pass
        case {'event': [Event('order.created')]}:  #!
            pass
=== a package's module under src
from shop.bus import emit
def f(): return emit("order.created")  #!
=== an attribute with a fallback
class A:
    def __init__(self, event_type=None):
        self.event_type = event_type or 'order.created'  #!
=== several targets
def f(a, b):
    a.event_type = b.event_type = 'order.created'  #!
=== a literal type of an event
from typing import Literal
from shop.events import Event
class A(Event):
    type: Literal['order.created'] = 'order.created'  #!
=== the constant stands below
from shop.bus import emit
def f():
    emit(KIND)  #!
KIND = 'order.created'
=== a function in a class
from shop.bus import emit
class A:
    @staticmethod
    def f():
        emit('order.created')  #!
    async def g(self):
        async with self.lock:
            emit('order.created')  #!
=== several lines
from shop.bus import emit
emit(
    'order.created',  #!
    {'a': 1},
)
=== a conditional expression in a comparison
from shop.events import Event
def f(event: Event, x):
    return 1 if event.type == 'order.created' else 2  #!
=== a filter
from shop.events import Event
def f(events: list[Event]):
    return filter(lambda e: isinstance(e, Event) and e.type == 'a', events)  #!
=== an event in a tuple
from shop.events import Event
def f(pair: tuple[Event, int]):
    event, number = pair
    return event.type == 'order.created'  #!
=== values of a dict
from shop.events import Event
def f(events: dict[str, Event]):
    for event in events.values():
        print(event.type == 'order.created')  #!
    for name, event in events.items():
        print(event.type == 'order.created')  #!
    return events['a'].type == 'order.created'  #!
=== enumerated events
from shop.events import Event
def f(events: list[Event]):
    for index, event in enumerate(events):
        print(event.type == 'order.created')  #!
=== pairs in a loop
from shop.bus import emit
for kind, payload in [('order.created', 1), ('order.paid', 2)]:
    emit(kind, payload)  #!
=== get of a dict
from shop.bus import emit
KINDS = {'a': 'order.created'}
emit(KINDS.get('a'))  #!
=== a getter with a default
from shop.bus import emit
def f(data):
    emit(data.get('kind', 'order.created'))  #!
=== a function in a dict
from shop.bus import emit
ACTIONS = {'a': emit}
ACTIONS['a']('order.created')  #!
=== an untyped bus
from shop.bus import Bus
class Service:
    def __init__(self, bus):
        self._bus = bus
    def f(self):
        self._bus.publish('order.created')  #!
=== an untyped bus that is a parameter
def f(event_bus):
    event_bus.publish('order.created')  #!
=== an untyped publisher
def f(self):
    self.publisher.publish('order.paid')  #!
=== an untyped event
def f(event):
    if event.type == 'order.created':  #!
        pass
    if event.type in ('order.paid',):  #!
        pass
    match event.type:
        case 'order.created':  #!
            pass
=== an untyped event in a loop
def f(events):
    return [event for event in events if event.type == 'order.created']  #!
=== an untyped event of something
class A:
    def f(self):
        return self.last_event.type.value == 'order.created'  #!
=== fixture dict param
from shop.bus import emit
import shop.bus
getattr(shop.bus, 'emit')('order.created')  #!
=== globals alias by tuple
from shop.bus import emit
from shop.events import Event
a, b = emit, Event
a('order.created')  #!
b('order.created')  #!
=== walrus alias
from shop.bus import emit
(e := emit)('order.created')  #!
=== lambda wrapper
from shop.events import Event
make = lambda: Event('order.created')  #!
=== nested class
from shop.events import Event
class Outer:
    class Inner(Event):
        type = 'order.created'  #!
    def f(self):
        return Outer.Inner('order.created')  #!
=== import inside method
class A:
    def f(self):
        from shop.bus import emit as e
        e('order.created')  #!
=== global constant concatenation in f-string
from shop.bus import emit
P = 'order'
emit(f'{P}.created')  #!
=== augmented
from shop.bus import emit
kind = 'order'
kind += '.created'
emit(kind)  #!
=== augmented in function
from shop.bus import emit
def f(x):
    kind = 'order'
    kind += '.' + x
    emit(kind)  #!
=== kwargs with default
from shop.events import Event
def f(**kw):
    return Event(**{**kw, 'type': 'order.created'})  #!
=== kwargs update
from shop.events import Event
def f():
    kw = dict(payload=1)
    kw.update(type='order.created')
    return Event(**kw)  #!
=== kwargs update with dict
from shop.events import Event
def f():
    kw = {}
    kw.update({'type': 'order.created'})
    return Event(**kw)  #!
=== kwargs setdefault
from shop.events import Event
def f():
    kw = {}
    kw.setdefault('type', 'order.created')
    return Event(**kw)  #!
=== list of dicts
from shop.events import Event
ROWS = [{'type': 'order.created'}, {'type': 'order.paid'}]
for row in ROWS:
    Event(**row)  #!
=== starmap
from itertools import starmap
from shop.events import Event
x = list(starmap(Event, [('order.created', 1)]))  #!
=== method partial
from functools import partialmethod
from shop.events import Event
class A(Event):
    pass
make = partialmethod(A, 'order.created')  #!
=== staticmethod alias
from shop.bus import emit
class A:
    send = staticmethod(emit)
    def f(self):
        self.send('order.created')  #!
=== class attribute alias
from shop.events import Event
class A:
    event_class = Event
    def f(self):
        return self.event_class('order.created')  #!
=== namedtuple like default dict
from shop.bus import emit
class Kinds:
    class Order:
        CREATED = 'order.created'
emit(Kinds.Order.CREATED)  #!
=== final constant
from typing import Final
from shop.bus import emit
K: Final = 'order.created'
emit(K)  #!
=== conditional assign
from shop.bus import emit
def f(x):
    kind = 'order.created' if x else 'order.paid'
    emit(kind)  #!
=== try
from shop.bus import emit
try:
    kind = 'order.created'
except Exception:
    kind = None
emit(kind)  #!
=== match assigned
from shop.bus import emit
def f(x):
    match x:
        case 1:
            kind = 'order.created'
        case _:
            kind = 'order.paid'
    emit(kind)  #!
=== compare attribute of attribute
from shop.events import Event
class Envelope:
    event: Event
def f(e: Envelope):
    return e.event.type == 'order.created'  #!
=== compare property of local class
from shop.events import Event
class Envelope:
    @property
    def event(self) -> Event: ...
def f(e: Envelope):
    return e.event.type == 'order.created'  #!
=== operator eq
import operator
from shop.events import Event
def f(event: Event):
    return operator.eq(event.type, 'order.created')  #!
=== set operations
from shop.events import Event
def f(event: Event):
    return {event.type} & {'order.created'}
    return event.type in {'order.created'} | {'a'}  #!
=== async for
from collections.abc import AsyncIterator
from shop.events import Event
async def f(events: AsyncIterator[Event]):
    async for event in events:
        if event.type == 'x.y':  #!
            pass
=== except as
from shop.events import Event
class Failure(Exception, Event): ...
def f():
    try: ...
    except Failure as error:
        return error.type == 'order.created'  #!
=== optional chaining
from shop.events import Event
def f(event: Event | None = None):
    if event is not None and event.type != 'order.created':  #!
        pass
=== type var bound
from typing import TypeVar
from shop.events import Event
E = TypeVar('E', bound=Event)
def f(event: E) -> bool:
    return event.type == 'order.created'  #!
=== pep695
from shop.events import Event
class Repo:
    def last(self) -> Event: ...
def f(repo: Repo):
    return repo.last().type == 'order.created'  #!
=== newtype over event
from typing import NewType
from shop.events import Event
Mine = NewType('Mine', Event)
def f(event: Mine):
    return event.type == 'order.created'  #!
=== alias union of events
from typing import Union
from shop.events import Event
class A(Event): ...
class B(Event): ...
Any = Union[A, B]
def f(event: Any):
    return event.type == 'order.created'  #!
=== keyword both
from shop.events import Event
Event(
    payload=1,
    type='order.created',  #!
)
=== dataclass replace attr
import dataclasses
from shop.events import Event
def f(event: Event):
    return dataclasses.replace(event, payload=1, type='order.created')  #!
=== nested function default
def outer():
    def inner(a, /, event_type='order.created', *args): ...  #!
=== class based annotation with ClassVar quoted
class A:
    event_type: 'ClassVar[str]' = 'order.created'  #!
=== none or str
def f(event_type: None | str = None): ...  #!
=== typing extensions annotated
from typing import Annotated, Optional
def f(event_type: Annotated[Optional[str], 'doc'] = None): ...  #!
=== str subclass
def f(event_type: "str" = 'order.created'): ...  #!
=== a setter
class A:
    @property
    def event_type(self): return self._e
    @event_type.setter
    def event_type(self, event_type: str): ...  #!
=== pydantic annotated default
from pydantic import BaseModel, Field
class A(BaseModel):
    event_type: str = Field(default='order.created', alias='eventType')  #!
=== sqlalchemy
from sqlalchemy.orm import Mapped, mapped_column
class Row:
    event_type: Mapped[str] = mapped_column()  #!
=== row query
def f(session, Row):
    return session.query(Row).filter(Row.event_type == 'order.created').all()  #!
=== in_
def f(Row):
    return [r for r in Row if r.event_type in ('order.created', 'order.paid')]  #!
=== subclass renamed import
from shop.orders import OrderEvent as OE
x = OE(type='order.created')  #!
--- shop/orders.py
import shop.events as ev
class OrderEvent(ev.Event): ...
=== subclass through package init
from shop.orders import OrderEvent
def f(event: OrderEvent):
    if 'order.created' == event.type:  #!
        pass
--- shop/orders/__init__.py
from .model import OrderEvent
--- shop/orders/model.py
from ..events import Event
class Base(Event): ...
class OrderEvent(Base): ...
=== mixin first
from shop.events import Event
class Mixin: ...
class A(Mixin, Event):
    def __init__(self):
        super().__init__('order.created')  #!
=== mixin in another file
from shop.mixin import Mixin
from shop.events import Event
class A(Mixin, Event): ...
A('order.created')  #!
--- shop/mixin.py
class Mixin:
    def log(self): ...
=== a constructor with keyword only rest
from shop.events import Event, EventType
class A(Event):
    def __init__(self, type, *, order):
        super().__init__(type)
A('order.created', order=1)  #!
=== a constructor with another name for the type
from shop.events import Event, EventType
class A(Event):
    def __init__(self, kind: EventType, order):
        super().__init__(kind)
A('order.created', 1)  #!
A(kind='order.created', order=2)  #!
=== event_type in a subclass
from shop.events import Event
class A(Event):
    def __init__(self, event_type):
        super().__init__(event_type)
A('order.created')  #!
A(event_type='order.paid')  #!
=== tests
import unittest
from shop.events import Event, EventType
class T(unittest.TestCase):
    def setUp(self):
        self.event = Event(EventType.ORDER_PAID)
    def test(self):
        self.assertEqual('order.paid', self.event.type)  #!
        self.assertIn(self.event.type, ['order.paid'])  #!
        assert self.event.type == 'order.paid'  #!
=== annotated only in the class
from shop.events import Event
class A:
    last: Event
    def f(self):
        return self.last.type != 'order.created'  #!
=== returns of a typed method
from shop.events import Event
class Repo:
    def all(self) -> list[Event]: ...
    def f(self):
        for event in self.all():
            print(event.type == 'order.created')  #!
=== repository elsewhere
from shop.repo import Repo
def f(repo: Repo):
    for event in repo.all():
        print(event.type == 'order.created')  #!
--- shop/repo.py
from shop.events import Event
class Repo:
    def all(self) -> list[Event]: ...
=== sorted events
from shop.events import Event
def f(events: list[Event]):
    first = sorted(events, key=str)[0]
    return first.type == 'order.created'  #!
=== next of a generator
from shop.events import Event
def f(events: list[Event]):
    event = next(e for e in events)
    return event.type == 'order.created'  #!
=== a list that is made here
from shop.events import Event, EventType
events = [Event(EventType.ORDER_PAID)]
events[0].type == 'order.created'  #!
for e in events:
    e.type == 'order.created'  #!
=== list append
from shop.events import Event, EventType
events: list[Event] = []
assert [e.type for e in events] == ['order.created']  #!
=== compare of lists
from shop.events import Event, EventType
def f(a: Event, b: Event):
    assert [a.type, b.type] == ['order.created', EventType.ORDER_PAID]  #!
    assert (a.type, 1) == ('order.created', 1)  #!
=== set of types
from shop.events import Event
def f(events: list[Event]):
    return 'order.created' in [e.type for e in events]  #!
=== any
from shop.events import Event
def f(events: list[Event]):
    return 'order.created' in {e.type for e in events}  #!
=== default dict in call
from shop.bus import emit
def f(x):
    emit({'a': 'order.created', 'b': 'order.paid'}[x])  #!
=== two lines
from shop.bus import emit
emit(
    'order.'  #!
    'created'
)
=== type hints in the protocol
from typing import Protocol
class Port(Protocol):
    def send(self, event_type: str) -> None: ...  #!
=== abstract
from abc import ABC, abstractmethod
class Port(ABC):
    @abstractmethod
    def send(self, *, event_type: 'str' = 'order.created') -> None: ...  #!
=== class method bus
from shop.bus import Bus
class A:
    bus = Bus()
    @classmethod
    def f(cls):
        cls.bus.publish('order.created')  #!
        A.bus.publish('order.created')  #!
=== module attribute instance
import shop.app
shop.app.BUS.publish('order.created')  #!
--- shop/app.py
from shop.bus import Bus
BUS: Bus = object()
=== typed dict param
from typing import TypedDict
class Payload(TypedDict):
    event_type: str  #!
=== namedtuple
from typing import NamedTuple
class Row(NamedTuple):
    event_type: str  #!
    n: int = 0
=== delegated subclass method
from shop.bus import Bus
class Base(Bus): ...
class Deep(Base):
    def f(self):
        super().publish('order.created')  #!
        Base.publish(self, 'order.created')  #!
=== dataclass subclass default
from dataclasses import dataclass
from shop.events import Event
@dataclass
class OrderShipped(Event):
    type: str = "order.shipped"  #!
    order_id: str = ""
=== kw_only
from dataclasses import dataclass, field
from shop.events import EventType
@dataclass(kw_only=True, slots=True)
class AuditRow:
    id: int
    event_type: EventType = field(default="order.created", metadata={"x": 1})  #!
=== pydantic
from pydantic import BaseModel
class Payload(BaseModel):
    id: int
    event_type: str  #!
    data: dict[str, str]
=== typed dict total
from typing import TypedDict, NotRequired
class Row(TypedDict, total=False):
    event_type: NotRequired[str]  #!
=== async emit
from shop.bus import Bus
class Service:
    def __init__(self, bus: Bus) -> None:
        self.bus = bus
    async def pay(self, order):
        await self.bus.publish("order.paid", {"id": order.id})  #!
=== in try
from shop.bus import emit
def f():
    try:
        emit("order.created")  #!
    except ValueError:
        emit("order.failed")  #!
    finally:
        emit("order.done")  #!
=== in lambda default
from shop.bus import emit
handlers = {"a": lambda: emit("order.created")}  #!
=== chained compare
from shop.events import Event
def f(event: Event):
    return event.payload is not None and ("order.paid" == event.type or event.payload == "x")  #!
=== if elif
from shop.events import Event
def f(event: Event) -> int:
    if event.type == "order.created":  #!
        return 1
    elif event.type == "order.paid":  #!
        return 2
    return 3
=== ternary emitters
from shop.bus import emit
def f(paid):
    emit("order.paid" if paid else "order.created")  #!
=== constants module class
from shop.bus import emit
class Topics:
    PREFIX = "order"
    PAID = PREFIX + ".paid"
emit(Topics.PAID)  #!
=== fstring enum part
from shop.bus import emit
from shop.events import EventType
emit(f"{EventType.ORDER_PAID.value}.retry")  #!
=== concat enum value
from shop.bus import emit
from shop.events import EventType
emit(EventType.ORDER_PAID.value + ".retry")  #!
=== multi level inherit
from shop.events import Event
class Base(Event): ...
class Mid(Base): ...
class Leaf(Mid):
    def __init__(self):
        super().__init__(type="leaf")  #!
Leaf2 = type("Leaf2", (Mid,), {})
Mid("x")  #!
=== generic base
from typing import Generic, TypeVar
from shop.events import Event
T = TypeVar("T")
class Typed(Event, Generic[T]): ...
class Concrete(Typed[int]): ...
Concrete("order.created")  #!
=== classmethod factory
from shop.events import Event
class E(Event):
    @classmethod
    def build(cls, payload):
        return cls(type="order.created", payload=payload)  #!
=== nested dict unpack
from shop.events import Event
COMMON = {"payload": None}
Event(**COMMON, **{"type": "order.created"})  #!
=== unpack in wrapper
from shop.bus import emit
ARGS = ["order.created", {}]
emit(*ARGS)  #!
=== match or
from shop.events import Event, EventType
def f(e: Event):
    match e.type:
        case EventType.ORDER_CREATED | "order.paid":  #!
            return 1
        case _:
            return 2
=== match class keyword capture
from shop.events import Event
def f(e):
    match e:
        case Event(type="order.created", payload=p):  #!
            return p
=== in frozenset constant
from shop.events import Event
PAID = frozenset(["order.paid"])
class H:
    KINDS = ("order.created", "order.paid")
    def can(self, event: Event) -> bool:
        return (
            event.type in self.KINDS  #!
            or event.type in PAID  #!
        )
=== not in
from shop.events import Event
def f(es: list[Event]):
    return [e for e in es if e.type not in ("order.paid",)]  #!
=== dict comp
from shop.events import Event
def f(es: list[Event]):
    return {e: 1 for e in es if e.type == "order.paid"}  #!
=== while walrus
from shop.events import Event
def f(next_event):
    event: Event
    while (event := next_event()).type != "stop":  #!
        pass
=== param default kwonly
def record(payload, *, event_type="order.created"): ...  #!
=== positional own
def record(event_type, payload): ...
record("order.created", {})  #!
=== positional own method
class Log:
    def write(self, event_type, payload=None): ...
Log().write("order.created")  #!
=== typed own
from shop.events import EventType
def handle(kind: EventType) -> None: ...
handle("order.created")  #!
handle(kind="order.created")  #!
=== own dataclass positional
from dataclasses import dataclass
from shop.events import EventType
@dataclass
class Row:
    kind: EventType
    event_type: EventType
Row("order.created", EventType.ORDER_PAID)  #!
Row(EventType.ORDER_PAID, "order.created")  #!
=== assign attr union
from shop.events import Event
class A:
    event: Event | None = None
    def f(self):
        self.event.type = "order.created"  #!
=== annotated dict keys
from shop.events import EventType
HANDLERS: dict[EventType, object] = {"order.created": print}  #!
=== annotated list
from shop.events import EventType
KINDS: list[EventType] = ["order.created", EventType.ORDER_PAID]  #!
=== set of enum
from shop.events import EventType
KINDS: frozenset[EventType] = frozenset({"order.created"})  #!
=== return wrapper
from shop.events import Event
def make(kind):
    return Event(kind, payload=None)
def f():
    return make("order.created")  #!
=== kwargs wrapper
from shop.events import Event
def make(**kw):
    return Event(payload=1, **kw)
make(type="order.created")  #!
=== args wrapper
from shop.bus import emit
def send(*args):
    emit(*args)
send("order.created", 1)  #!
=== method wrapper on self attr
from shop.bus import Bus
class S:
    def __init__(self, bus: Bus):
        self._bus = bus
    def _emit(self, kind, **payload):
        self._bus.publish(kind, payload)
    def create(self):
        self._emit("order.created", id=1)  #!
    def pay(self):
        self._emit(kind="order.paid")  #!
=== subclass wrapper
from shop.bus import Bus
class Base:
    def __init__(self, bus: Bus):
        self._bus = bus
    def _emit(self, kind, payload=None):
        self._bus.publish(kind, payload)
class Sub(Base):
    def go(self):
        self._emit("order.created")  #!
=== partial keyword
from functools import partial
from shop.events import Event
Created = partial(Event, type="order.created")  #!
=== submit args
from concurrent.futures import ThreadPoolExecutor
from shop.bus import emit
def f():
    with ThreadPoolExecutor() as pool:
        pool.submit(emit, "order.created", {})  #!
        pool.map(emit, ["order.created"])  #!
=== gather
import asyncio
from shop.bus import Bus
async def f(bus: Bus):
    await asyncio.gather(
        bus.publish("a"),  #!
        bus.publish("b"),  #!
    )
=== loop items
from shop.bus import emit
TABLE = {"order.created": 1, "order.paid": 2}
for kind, payload in TABLE.items():
    emit(kind, payload)  #!
for kind in TABLE:
    emit(kind)  #!
=== zip
from shop.bus import emit
for kind, n in zip(["order.created"], [1]):
    emit(kind, n)  #!
=== enumerate
from shop.bus import emit
for n, kind in enumerate(["order.created"]):
    emit(kind, n)  #!
=== comp of events
from shop.events import Event
events = [Event(kind) for kind in ["order.created", "order.paid"]]  #!
=== test asserts
from shop.events import Event, EventType
def test_it():
    event = Event(EventType.ORDER_PAID)
    assert event.type == "order.paid"  #!
    assert event.type is not None
    assert {event.type} == {"order.paid"}  #!
=== mock call
from unittest import mock
def test_it(publisher):
    publisher.record.assert_called_with(event_type="order.created")  #!
=== django filter
from shop.models import Row
def f():
    return Row.objects.filter(event_type="order.created").count()  #!
=== factory boy
import factory
from shop.models import Row
class RowFactory(factory.Factory):
    class Meta:
        model = Row
    event_type = "order.created"  #!
RowFactory(event_type="order.paid")  #!
=== orm column default
from sqlalchemy import Column, String
class Row:
    event_type = Column(String, default="order.created")  #!
=== attribute on self compare
class Row:
    def is_paid(self):
        return self.event_type == "order.paid"  #!
=== optional param compare
def f(*, event_type=None):
    if event_type in ("order.paid", "order.created"):  #!
        return 1
    match event_type:
        case "order.paid":  #!
            return 2
=== setattr event_type
def f(row):
    setattr(row, "event_type", "order.paid")  #!
=== overload
from typing import overload, Literal
@overload
def f(event_type: Literal["order.paid"]) -> int: ...  #!
@overload
def f(event_type: Literal["order.created"]) -> str: ...  #!
def f(event_type): ...
=== callable protocol
from typing import Protocol
class Handler(Protocol):
    def __call__(self, event_type: str, payload: dict) -> None: ...  #!
=== namedtuple event
from collections import namedtuple
from shop.events import Event
def f(event: Event):
    event2 = event._replace(type="order.paid")  #!
=== alias of class in dict
from shop.events import Event
CLASSES = {"x": Event}
CLASSES["x"](type="order.paid")  #!
=== global augmented
from shop.bus import emit
PREFIX = "order."
def f():
    emit(PREFIX + "created")  #!
    emit(PREFIX.strip() + "created")  #!
    emit("".join([PREFIX, "created"]))  #!
=== nonlocal
from shop.bus import emit
def outer():
    kind = None
    def inner():
        nonlocal kind
        kind = "order.created"
    inner()
    emit(kind)  #!
=== conditional import alias
try:
    from shop.bus import emit as send
except ImportError:
    send = None
send("order.created")  #!
=== decorator factory wrapper
from functools import wraps
from shop.bus import emit
def emits(kind):
    def deco(f):
        @wraps(f)
        def inner(*a):
            emit(kind)
            return f(*a)
        return inner
    return deco
@emits("order.created")  #!
def create(): ...
=== init keeps
from shop.bus import emit
class Notifier:
    def __init__(self, kind):
        self.kind = kind
    def fire(self):
        emit(self.kind)
Notifier("order.created").fire()  #!
=== event init positional own attr
from shop.events import Event
class Special(Event):
    def __init__(self, kind, x=1):
        self.type = kind
Special("order.created")  #!
=== class pattern nested guard
from shop.events import Event
def f(x):
    match x:
        case {"e": Event() as e} if e.type == "order.paid":  #!
            return e
=== str join walrus
from shop.bus import emit
if (k := "order.created"):
    emit(k)  #!
=== star expr dict literal
from shop.events import Event
def f(payload):
    return Event(*("order.created", payload))  #!
=== dataclass replace with dict
from dataclasses import replace
from shop.events import Event
def f(e: Event):
    return replace(e, **{"type": "order.paid"})  #!
=== event in attr chain typed
from shop.events import Event
class Ctx:
    event: Event
class Handler:
    ctx: Ctx
    def f(self):
        return self.ctx.event.type == "order.paid"  #!
=== async generator
from collections.abc import AsyncIterator
from shop.events import Event
async def stream() -> AsyncIterator[Event]: ...
async def f():
    async for e in stream():
        if e.type == "order.paid":  #!
            break
=== iterable param in next lambda
from shop.events import Event
def f(events: list[Event]):
    return next((e for e in events if e.type == "order.paid"), None)  #!
=== sum
from shop.events import Event
def f(events: tuple[Event, ...]):
    return sum(1 for e in events if e.type == "order.paid")  #!
=== Counter
from shop.events import Event
def f(events: list[Event]):
    kinds = [e.type for e in events]
    return kinds.count("order.paid")  #!
=== Counter index
from shop.events import Event, EventType
def f(events: list[Event]):
    assert [e.type for e in events] == [EventType.ORDER_CREATED, "order.paid"]  #!
=== set of types compare
from shop.events import Event
def f(events: list[Event]):
    kinds = {e.type for e in events}
    assert kinds == {"order.paid"}  #!
    assert "order.paid" in kinds  #!
=== loop type var
from shop.events import Event
def f(events: list[Event]):
    for kind in [e.type for e in events]:
        if kind == "order.paid":  #!
            return 1
=== attribute default getattr
from shop.events import Event
def f(event: Event):
    kind = getattr(event, "type", None)
    return kind == "order.paid"  #!
=== compare str
from shop.events import Event
def f(event: Event):
    return str(event.type.value).lower() == "order.paid"  #!
=== field annotation literal union
from typing import Literal
class A:
    event_type: Literal["order.created", "order.paid"]  #!
=== newtype like alias pep695
from typing import Annotated
EventName = Annotated[str, "name"]
def f(event_type: EventName): ...  #!
=== own chain
from shop.audit import make
make().record(event_type='x')  #!
=== self unknown
class A:
    def __init__(self, client):
        self.client = client
    def f(self):
        self.client.put(event_type='x')  #!
=== local own class
class Store:
    def save(self, **kw): ...
Store().save(event_type='x')  #!
=== query default
from fastapi import Query
def f(event_type: str = Query('x')): ...  #!
=== sqlalchemy again
from sqlalchemy import select
def f(T):
    return select(T).filter_by(event_type='order.created')  #!
=== relative
from . import audit
audit.record(event_type='x')  #!
=== quoted inner optional
from typing import Optional
def f(event_type: Optional["str"] = None): ...  #!
=== literal string annotation
from typing import LiteralString
def f(event_type: LiteralString): ...  #!
=== kwargs filled with the name
def f(record):
    kw = {}
    kw["event_type"] = "order.paid"
    record(**kw)  #!
=== merged dict with the name
BASE = {"a": 1}
def f(record):
    record(**{**BASE, "event_type": "order.paid"})  #!
    record(**dict(BASE, event_type="order.paid"))  #!
=== in a sum of lists
from shop.events import Event
KINDS = ["order.created"]
def f(e: Event):
    return e.type in ["order.paid"] + KINDS  #!
=== in starred set
from shop.events import Event
KINDS = ["order.created"]
def f(e: Event):
    return e.type in {*KINDS, "order.paid"}  #!
=== any over kinds
from shop.events import Event
def f(e: Event):
    return any(e.type == k for k in ("order.created", "order.paid"))  #!
=== class pattern alternatives
from shop.events import Event, EventType
def f(e):
    match e:
        case Event(type=EventType.ORDER_PAID | "order.created"):  #!
            return 1
        case Event(type=("order.paid") as t):  #!
            return t
=== sequence pattern
from shop.events import Event
def f(e: Event):
    match [e.type, e.payload]:
        case ["order.created", _]:  #!
            return 1
=== captured type
from shop.events import Event
def f(e: Event):
    match e.type:
        case t if t == "order.created":  #!
            return 1
=== captured attribute
from shop.events import Event
def f(e):
    match e:
        case Event(type=t) if t == "order.created":  #!
            return 1
=== match of str
from shop.events import Event
def f(e: Event):
    match str(e.type):
        case "order.created":  #!
            return 1
=== emitter as default
from shop.bus import emit
def f(send=emit):
    send("order.created")  #!
=== emitter kept on self
from shop.bus import emit
class A:
    def __init__(self):
        self.send = emit
    def f(self):
        self.send("order.created")  #!
=== attrs fields
import attrs
@attrs.define
class A:
    event_type = attrs.field(default="order.created")  #!
=== attr ib
import attr
@attr.s
class A:
    event_type = attr.ib(default="order.created", type=str)  #!
=== class var of the enum
from typing import ClassVar
from shop.events import EventType
class A:
    kind: ClassVar[EventType] = "order.created"  #!
=== django field
from django.db import models
class A(models.Model):
    event_type = models.CharField(max_length=20, default="order.created")  #!
=== conditional class
from shop.events import Event
def f(x, Other):
    return (Event if x else Other)("order.created")  #!
=== class from a list
from shop.events import Event
[Event][0]("order.created")  #!
=== type of a value
from shop.events import Event
def f(event: Event):
    return type(event)("order.created")  #!
=== package import
import shop.events, shop.bus
shop.bus.emit("order.created")  #!
=== new type
from typing import NewType
from shop.bus import emit
EventName = NewType("EventName", str)
emit(EventName("order.created"))  #!
=== random choice
import random
from shop.bus import emit
emit(random.choice(["order.created", "order.paid"]))  #!
=== keyword through dict
from shop.bus import emit, Bus
emit(**{"kind": "order.created"})  #!
Bus().publish(kind="order.created")  #!
=== celery again again
from shop.bus import emit
emit.delay("order.created")  #!
emit.s("order.created")  #!
=== context run
import contextvars
from shop.bus import emit
contextvars.copy_context().run(emit, "order.created")  #!
=== thread kwargs
import threading
from shop.bus import emit
threading.Thread(target=emit, kwargs={"kind": "order.created"})  #!
=== wrapper with compare
from shop.events import Event
def is_kind(event: Event, kind):
    return event.type == kind
def f(e):
    return is_kind(e, "order.created")  #!
=== wrapper in class with static
from shop.bus import emit
class A:
    @staticmethod
    def send(kind):
        emit(kind)
    @classmethod
    def fire(cls, kind):
        cls.send(kind)
A.send("order.created")  #!
A().fire("order.created")  #!
=== wrapper async
from shop.bus import Bus
class A:
    def __init__(self, bus: Bus): self.bus = bus
    async def _send(self, kind, *, payload=None):
        await self.bus.publish(kind, payload)
    async def f(self):
        await self._send("order.created", payload=1)  #!
=== wrapper nested function
from shop.bus import emit
def f():
    def send(kind):
        emit(kind)
    send("order.created")  #!
=== wrapper event_type keyword
from shop.events import Event
def make(event_type, payload=None):
    return Event(event_type, payload)
make(event_type="order.created")  #!
make("order.paid")  #!
=== functional typed dict
from typing import NamedTuple, TypedDict
Row = TypedDict("Row", {"id": int, "event_type": str})  #!
Other = NamedTuple("Other", [("event_type", str)])  #!
=== event in a tuple pattern
from shop.events import Event
def f(pairs: list[tuple[Event, int]]):
    for event, n in pairs:
        if event.type == "order.created":  #!
            return n
=== event as a dict value
from shop.events import Event
class Store:
    events: dict[str, Event]
    def f(self, key):
        return self.events[key].type == "order.paid"  #!
=== event attribute of a parameter
from dataclasses import dataclass
from shop.events import Event
@dataclass
class Envelope:
    event: Event
def f(envelope: Envelope):
    if envelope.event.type != "order.paid":  #!
        envelope.event.type = "order.paid"  #!
=== property of self
from shop.events import Event
class A:
    @property
    def event(self) -> Event: ...
    def f(self):
        return self.event.type == "order.paid"  #!
=== cached property
from functools import cached_property
class A:
    @cached_property
    def event_type(self):
        return "order.paid"  #!
=== optional chain
from shop.events import Event
def f(e: Event | None):
    return (e.type if e else None) == "order.paid"  #!
=== local alias of type in loop
from shop.events import Event
def f(events: list[Event]):
    for e in events:
        kind = e.type
        if kind in ("order.paid",):  #!
            yield e
=== f string of constant
from shop.bus import emit
NS = "order"
def f(action):
    emit(f"{NS}.{action}")  #!
=== str method chain
from shop.bus import emit
emit("Order Created".lower().replace(" ", "."))  #!
=== nested ternary
from shop.bus import emit
def f(a, b):
    emit("x" if a else ("y" if b else "z"))  #!
=== dict of kwargs by key
from shop.events import Event
DEFAULTS = {"a": {"type": "order.created"}}
Event(**DEFAULTS["a"])  #!
=== abstract enum promise
from abc import ABC, abstractmethod
from shop.events import EventType
class Base(ABC):
    @abstractmethod
    def kind(self) -> EventType: ...
class A(Base):
    def kind(self) -> EventType:
        return "order.created"  #!
=== lambda promise
from collections.abc import Callable
from shop.events import Event
make: Callable[[], Event] = lambda: Event("order.created")  #!
=== global annotated enum
from shop.events import EventType
DEFAULT: EventType = "order.created"  #!
KINDS: tuple[EventType, ...] = ("order.created",)  #!
=== positional-only
def f(event_type="order.created", /): ...  #!
=== setdefault attr
class A:
    event_type: "str"  #!
    def __init__(self):
        self.event_type = "order.paid"  #!
"""
GOOD_HERE = """\
=== members
Event(EventType.ORDER_CREATED)
emit(EventType.ORDER_PAID, 'order.created')
Event(type=EventType.ORDER_CREATED, payload='order.created')
=== the value of a member
def f(record):
    record(event_type=EventType.ORDER_CREATED.value)
=== the value under a name
KIND = EventType.ORDER_CREATED.value
emit(KIND)
=== a member under a name
KIND = EventType.ORDER_CREATED
emit(KIND)
=== the enum under a name
ET = EventType
emit(ET.ORDER_CREATED)
=== a member by its value
emit(EventType('order.created'))
=== a member by its name
emit(EventType['ORDER_CREATED'])
=== a member in an f-string
emit(f'{EventType.ORDER_CREATED.value}')
=== str of a member
assert str(EventType.ORDER_CREATED.value) == 'order.created'
emit(str(EventType.ORDER_CREATED))
=== a test of a member's value
assert EventType.ORDER_CREATED.value == 'order.created'
assert EventType.ORDER_CREATED == 'order.created'
=== what is not known
def f(kind, data):
    emit(kind)
    emit(data['type'])
    emit(kind())
    Event(**data)
    Event(*data)
=== strings in unrelated calls
print('order.created')
len('order.created')
open('order.created')
=== logging
import logging
log = logging.getLogger('order.created')
log.info('order.created', extra={'event_type': 'order.created'})
=== structured logging
import structlog
logger = structlog.get_logger()
logger.info('saved', event_type='order.created')
logger.bind(event_type='a').info('b')
=== a logger of self
class A:
    def f(self):
        self.log.info('x', event_type='order.created')
        self._logger.info('order.created')
=== docstrings
'''emit('order.created')'''
def f():
    '''Event('order.created')'''
=== keys of dicts
data = {'event_type': 'order.created', 'type': 'order.created'}
data['event_type'] = 'order.created'
dict(event_type='order.created')
data.update(event_type='order.created')
=== dict access
def f(data):
    return data['event_type'] == 'order.created' or data.get('type') == 'a'
=== a format keyword
'{event_type}'.format(event_type='order.created')
=== a shadowed emitter
def f(emit):
    emit('order.created')
=== a shadowed event
def f():
    Event = dict
    Event(type='order.created')
=== a shadowed module
import shop.bus as bus
def f(bus):
    bus.emit('order.created')
=== a local function of the same name
def f():
    def emit(x): ...
    emit('order.created')
=== another method of the class
def f(bus: Bus):
    bus.subscribe('order.created')
=== the method of another class
class Redis:
    def publish(self, channel): ...
def f(redis: Redis, other):
    redis.publish('order.created')
    other.publish('order.created')
    Redis().publish('order.created')
=== signals
def f(button):
    button.clicked.emit('order.created')
=== another argument
emit(EventType.ORDER_CREATED, 'order.created')
Event(EventType.ORDER_CREATED, 'order.created')
=== another keyword
def f(record):
    record(event_types='x', type='order.created', event_type_name='y', kind='order.created')
=== the keyword with a member
def f(record, kind):
    record(event_type=EventType.ORDER_PAID)
    record(event_type=kind)
    record(event_type=None)
=== a keyword of a library
from watchdog.events import FileSystemEvent
import boto3
FileSystemEvent(event_type='modified')
boto3.client('x', event_type='y')
=== an attribute of a library's class
from watchdog.events import FileSystemEvent
def f(event: FileSystemEvent):
    return event.event_type == 'modified' and event.type == 'x'
=== argparse
import argparse
parser = argparse.ArgumentParser()
parser.add_argument('--x', type='str')
=== an annotation of the enum
from typing import Optional
def f(event_type: EventType, other: Optional[EventType] = None): ...
class A:
    event_type: EventType
    event_type_2: str
=== a quoted annotation of the enum
def f(event_type: 'EventType | None' = None): ...
=== other annotations
def f(event_type: int, event_types: str, event_type_name: str): ...
def g(event_type: dict[str, str]): ...
def h(event_type: list[EventType]): ...
=== no annotation
def f(event_type, x: str): ...
=== a parameter that becomes the enum
def f(event_type: str) -> EventType:
    return EventType(event_type)
=== other fields
class A:
    event_types = ['order.created']
    name: str = 'order.created'
    type: str = 'order.created'
=== an attribute type of another class
class Token:
    type = 'name'
    def f(self):
        self.type = 'order.created'
        return self.type == 'order.created'
=== comparison of another type
class Token: ...
def f(token: Token, node, x):
    return token.type == 'a' or node.type == 'order.created' or x.type in ('a', 'b')
=== comparison of another attribute
def f(event: Event):
    return event.name == 'order.created' or event.payload == 'order.created'
=== comparison with a member
def f(event: Event):
    return event.type == EventType.ORDER_CREATED or event.type in (EventType.ORDER_PAID,)
=== comparison with another type
def f(a: Event, b: Event, kinds):
    return a.type == b.type or a.type in kinds or a.type is None
=== comparison of the value
def f(event: Event, data):
    return event.type.value == data['type']
=== match of a member
def f(event: Event):
    match event.type:
        case EventType.ORDER_CREATED:
            return 'order.created'
        case _:
            pass
=== match of another thing
def f(token, data):
    match token.type:
        case 'order.created':
            pass
    match data:
        case {'event_type': 'order.created'}:
            pass
=== match of another class
class Token: ...
def f(x):
    match x:
        case Token(type='order.created'):
            pass
=== another enum
from enum import Enum
class Column(Enum):
    event_type = 'event_type'
=== a member of another enum
from enum import Enum
class Other(Enum):
    A = 'a'
emit(Other.A)
emit(EventType(Other.A.value))
=== a constructor that takes something else
class OrderCreated(Event):
    def __init__(self, order_id: str):
        super().__init__(EventType.ORDER_CREATED, order_id)
OrderCreated('o-17')
=== a constructor of a base that takes something else
class Base(Event):
    def __init__(self, order_id: str):
        super().__init__(EventType.ORDER_CREATED)
class Created(Base):
    def __init__(self):
        super().__init__('o-17')
=== a dataclass that says its type itself
from dataclasses import dataclass, field
@dataclass
class OrderCreated(Event):
    order_id: str = ''
    type: EventType = field(init=False, default=EventType.ORDER_CREATED)
OrderCreated('o-17')
=== a dataclass with a class variable
from dataclasses import dataclass
from typing import ClassVar
@dataclass
class OrderCreated(Event):
    order_id: str = ''
    type: ClassVar[EventType] = EventType.ORDER_CREATED
OrderCreated('o-17')
=== partial with a member
from functools import partial
f = partial(emit, EventType.ORDER_PAID)
f('order.created')
=== partial of something else
from functools import partial
partial(print, 'order.created')
partial(emit, payload='order.created')
=== map of something else
list(map(str, ['order.created']))
=== an unpacked dict of something else
data = {'type': 'order.created'}
print(**data)
Event(**{'type': EventType.ORDER_PAID, 'payload': 'order.created'})
=== a dict that is replaced
data = {'type': 'order.created'}
data = {'type': EventType.ORDER_PAID}
Event(**data)
=== a name that is bound anew
kind = 'order.created'
kind = EventType.ORDER_CREATED
emit(kind)
=== a name that is converted
kind = 'order.created'
emit(EventType(kind))
=== a loop over members
for kind in (EventType.ORDER_PAID, EventType.ORDER_CREATED):
    emit(kind)
for kind in EventType:
    emit(kind)
=== a local variable of the name
def f(data):
    event_type = 'order.created'
    print(event_type)
    event_type: str = data['x']
=== a constant that nobody uses
EVENT_TYPE = 'order.created'
CREATED = 'order.created'
=== a class that is passed, and a string
isinstance('order.created', Event)
getattr(Event, 'type')
hasattr(Event, 'order.created')
=== the attribute of a library's value
import ast
node = ast.parse('')
node.type == 'x'
=== a default of another type
def f(kind: str = 'order.created', name='order.created'):
    print(kind)
=== a method that only ends alike
def f(bus: Bus):
    bus.publish_later('order.created')
    bus.publish.later('order.created')
=== assertions of other things
class T:
    def test(self, x):
        self.assertEqual(x.type, 'order.created')
        self.assertEqual('order.created', x)
=== super of something else
class A:
    def __init__(self):
        super().__init__('order.created')
class B(dict):
    def __init__(self):
        super().__init__(type='order.created')
=== comments
# emit('order.created')
x = 1  # Event('order.created')
=== a function here that converts
def make(t):
    return Event(EventType(t))
make('order.created')
=== a parameter that is bound anew
def make(t):
    t = EventType(t)
    return Event(t)
make('order.created')
=== a property of the name that returns a value
class A:
    @property
    def event_type(self) -> str:
        return EventType.ORDER_PAID.value
=== a function of the name
def event_type():
    return 'order.created'
=== a beginning of types
def f(event: Event):
    return event.type.startswith('order.')
=== a dict of members by the type
H = {EventType.ORDER_PAID: print}
def f(event: Event):
    return H[event.type]()
=== a dict of values by the value
H = {EventType.ORDER_PAID.value: print}
def f(event: Event):
    return H[event.type.value]()
=== an emitter that is printed
print(emit, 'order.created')
=== classes and strings
isinstance(Event, 'x')
getattr(Event, 'type')
hasattr(Event, 'order.created')
=== an emitter that is patched
from unittest.mock import patch
patch.object(Bus, 'publish')
def f(monkeypatch):
    monkeypatch.setattr(Event, 'type', 1)
"""
GOOD_ALONE = """\
=== an emitter from elsewhere
from other.bus import emit
emit('order.created')
=== an event from elsewhere
from other.events import Event
Event('order.created')
Event(type='order.created')
=== an emitter of the same name here
def emit(kind): ...
emit('order.created')
=== an event of the same name here
class Event:
    def __init__(self, type): ...
Event('order.created')
assert Event('x').type == 'x'
=== threading
import threading
from threading import Event
Event()
threading.Event()
=== asyncio
import asyncio
event = asyncio.Event()
event.set('order.created')
=== pygame
import pygame
from pygame.event import Event
pygame.event.Event('order.created')
event = Event('a')
if event.type == 'quit':
    pass
=== an emitter that is replaced
from shop.bus import emit
from other import emit
emit('order.created')
=== a constructor elsewhere that takes something else
from shop.orders import OrderCreated
OrderCreated('o-17')
--- shop/orders.py
from shop.events import Event, EventType
class OrderCreated(Event):
    def __init__(self, order_id):
        super().__init__(EventType.ORDER_CREATED)
=== an equal look
from shopping.bus import emit
from shop.bus2 import emit as other
emit('order.created')
other('order.created')
=== an unrelated base named Event
from other import Event
class Mine(Event):
    type = 'order.created'
    def __init__(self):
        super().__init__('order.created')
Mine('x')
=== a star import that is not meant
from other import *
emit('order.created')
Event('x')
=== isinstance of something else below
from shop.events import Event
class Token: ...
def f(x, y):
    if isinstance(x, Event):
        return 1
    elif x.type == 'order.created':
        return 2
    return x.type == 'order.created'
=== not isinstance
from shop.events import Event
def f(x):
    if not isinstance(x, Event):
        return x.type == 'order.created'
=== a function that makes something else
from shop.app import get
get().publish('order.created')
--- shop/app.py
def get():
    return object()
=== a keyword of a class that is no type
from other import Base
class A(Base, type='order.created', table=True):
    pass
=== an alias of something else
from typing import Optional
Name = Optional[int]
def f(event_type: Name): ...
=== a new type
from typing import NewType
Name = NewType('Name', str)
def f(event_type: Name): ...
=== a call in a string
x = "emit('order.created')"
=== a dict by the type
from shop.events import Event
from shop.events import EventType
HANDLERS = {EventType.ORDER_PAID: print, EventType.ORDER_CREATED.value: len}
NAMES = {'order.created': 'Created'}
def f(event: Event, data):
    return HANDLERS[event.type], HANDLERS.get(event.type), NAMES[data], NAMES.get(event.payload)
=== sorted by type
from shop.events import Event
def f(event: Event):
    return event.type.startswith('order.'), event.type.split('.'), event.type.lower()
=== an untyped thing of another name
def f(redis, client, other, node, token, message):
    redis.publish('order.created')
    client.publish('order.created')
    other.publish('order.created')
    return node.type == 'order.created' or token.type == 'x' or message.type == 'order.created'
=== an untyped bus and another string
def f(bus, event):
    bus.publish('a channel')
    bus.subscribe('order.created')
    return event.type == 'click' or event.type in ('a', 'b')
=== a bus of another class
import can
class MessageBus:
    def publish(self, channel): ...
def f(bus: MessageBus, other_bus: can.Bus):
    bus.publish('order.created')
    other_bus.publish('order.created')
class A:
    def __init__(self):
        self.bus = MessageBus()
        self.event_bus = can.Bus()
    def f(self):
        self.bus.publish('order.created')
        self.event_bus.publish('order.created')
=== a bus of a module
import bus
from other import event_bus
bus.publish('order.created')
event_bus.publish('order.created')
=== an event of another class
class Event: ...
def f(event: Event):
    return event.type == 'order.created'
def g():
    event = Event()
    return event.type == 'order.created'
=== an event of a base that types it
from shop.base import Base
class A(Base):
    def f(self):
        return self.event.type == 'order.created'
--- shop/base.py
class Click: ...
class Base:
    event: Click
=== unpacked into something else
class Event: ...
for kind, n in [('order.created', 1)]:
    print(kind)
=== a dict row of something else
ROWS = [{'type': 'order.created'}]
for row in ROWS:
    print(**row)
=== a shadow in a comprehension
from shop.bus import emit
x = [emit('order.created') for emit in (print,)]
=== a class attribute that shadows in a class only
from shop.events import Event
class A:
    Event = dict
    x = Event(type='order.created')
=== del and rebind
from shop.bus import emit
del emit
def emit(x): ...
emit('order.created')
=== for loop shadows
from shop.bus import emit
for emit in [print]:
    emit('order.created')
=== with shadows
from shop.bus import emit
def f(open_):
    with open_() as emit:
        emit('order.created')
=== except shadows
from shop.events import Event
def f():
    try: ...
    except Exception as Event:
        Event('order.created')
=== import shadows in function
from shop.bus import emit
def f():
    from other import emit
    emit('order.created')
=== star args of other
from shop.bus import Bus
def f(bus: Bus, *args):
    bus.publish(*args)
    bus.publish
=== enum functional
from enum import Enum
E = Enum('E', 'order.created')
=== typed dict key access
def f(event: dict):
    return event['type'] == 'order.created' and event.get('event_type') == 'order.created'
=== string methods
def f(event_type):
    return event_type.startswith('order.') or event_type.upper()
=== mimetypes
import mimetypes
def f(file):
    return file.type == 'text/plain' and file.content_type in ('a', 'b')
=== ast node
import ast
def f(node: ast.AST, token):
    return node.type == 'order.created' or token.type == 'NAME'
=== exc type
import sys
def f(e: BaseException):
    return e.type == 'order.created'
=== argparse type
import argparse
p = argparse.ArgumentParser()
p.add_argument('event_type', type=str, default='order.created')
p.add_argument('--event-type', dest='event_type')
=== click
import click
@click.option('--event-type', default='order.created', type=click.STRING)
@click.argument('event_type')
def f(event_type): ...
=== env
import os
kind = os.environ.get('EVENT_TYPE', 'order.created')
=== sql
SQL = "select * from events where event_type = 'order.created'"
def f(db):
    db.execute(SQL, {'event_type': 'order.created'})
    db.execute("update x set event_type = 'order.created'")
=== json
import json
json.dumps({'type': 'order.created', 'event_type': 'order.paid'})
=== annotated variable elsewhere
def f(data):
    event_types: list[str] = ['order.created']
    event_type_name: str = 'x'
    my_event_type: str = 'order.created'
=== a param of enum or none
from shop.events import EventType
def f(event_type: EventType = EventType.ORDER_PAID, other: 'EventType' = None): ...
=== the enum class as a type
from shop.events import EventType
def f(event_type: type[EventType]): ...
=== raise
class E(Exception): ...
def f():
    raise E('order.created')
=== assert message
from shop.events import Event, EventType
def f(event: Event):
    assert event.type == EventType.ORDER_PAID, 'order.created'
=== payload attr compare
from shop.events import Event
def f(event: Event):
    return event.payload.type == 'order.created'
=== subscription
from shop.bus import Bus
class Loud(Bus):
    def on(self, name): ...
Loud().on('order.created')
=== overridden name is other
from shop.events import Event
class A(Event):
    name = 'order.created'
    kind: str = 'order.created'
=== mixin with its own constructor
from shop.mixin import Mixin
from shop.events import Event
class A(Mixin, Event): ...
A('o-17')
--- shop/mixin.py
class Mixin:
    def __init__(self, order_id: str): ...
=== a factory
from shop.events import Event, EventType
class A(Event):
    @classmethod
    def of(cls, order_id):
        return cls(EventType.ORDER_PAID, order_id)
    @staticmethod
    def parse(text: str): ...
A.of('o-17')
A.parse('order.created')
Event.of('order.created')
=== new takes something else
from shop.events import Event, EventType
class A(Event):
    def __new__(cls, order_id): ...
A('o-17')
=== an event error
class EventError(Exception):
    def __init__(self, message): ...
raise EventError('order.created')
=== an event handler registry
HANDLERS = {}
def handles(name): ...
@handles('order.created')
def f(event): ...
=== event name elsewhere
def track(event, name):
    track('order.created', name='order.paid')
=== signal
from django.dispatch import Signal
order_created = Signal()
order_created.send('order.created')
=== celery
def f(app):
    app.send_task('order.created')
    app.publish('order.created')
=== kafka
from kafka import KafkaProducer
producer = KafkaProducer()
producer.publish('order.created')
producer.send('order.created', {'type': 'order.created'})
=== blinker
from blinker import signal
signal('order.created').send('order.created')
=== tkinter
import tkinter
def on(event: tkinter.Event):
    return event.type == 'KeyPress'
=== sqlalchemy event
from sqlalchemy import event
event.listen(None, 'order.created', None)
event.type == 'order.created'
=== a list comparison of something else
class Token: ...
def f(a: Token):
    assert [a.type] == ['order.created']
    assert ['order.created'] == ['order.created']
=== ctypes type
def f(field):
    return field.type in ('str', 'int') or field.type == 'order.created'
=== a value through a mapping
from shop.events import EventType
from shop.bus import emit
MAP = {'order.created': EventType.ORDER_CREATED}
def f(x):
    emit(MAP['order.created'])
    emit(MAP.get('order.created'))
    emit(MAP[x])
=== boto self
import boto3
class A:
    def __init__(self):
        self.client = boto3.client("events")
    def f(self):
        self.client.put_events(event_type="x")
=== stripe chain
import stripe
stripe.Event.list(event_type="x").auto_paging_iter()
stripe.WebhookEndpoint.create(event_type="x").modify(event_type="y")
=== fastapi query
from fastapi import Query, FastAPI
app = FastAPI()
@app.get("/")
def f(event_type: str = Query(...), other: str = Query("x")): ...
@app.get("/b")
def g(event_type: str | None = Query(None)): ...
=== typer
import typer
def main(event_type: str = typer.Option(...)): ...
=== google
from google.analytics import Client
def f(client: Client):
    client.track(event_type="click")
=== httpx with
import httpx
def f():
    with httpx.Client() as c:
        c.get("/", event_type="x")
=== library factory
from opentelemetry import trace
tracer = trace.get_tracer(__name__)
tracer.start_span("x", event_type="y")
=== watchdog
from watchdog.events import FileModifiedEvent
def f(e: FileModifiedEvent):
    return e.event_type == "modified"
=== watchdog handler
from watchdog.events import FileSystemEventHandler, FileSystemEvent
class H(FileSystemEventHandler):
    def on_any_event(self, event: FileSystemEvent):
        if event.event_type == "modified" and event.type == "x":
            pass
=== enum value compare
from shop.events import EventType
def f(data):
    return EventType(data["type"]) == EventType.ORDER_PAID
=== local wrapper of other
def make(kind):
    return print(kind)
make("order.created")
=== wrapper payload
from shop.events import Event, EventType
def make(order_id, note):
    return Event(EventType.ORDER_CREATED, payload={"id": order_id, "note": note})
make("o-17", "order.created")
=== wrapper logs
from shop.bus import emit
from shop.events import EventType
def pay(message):
    print(message)
    emit(EventType.ORDER_PAID, message)
pay("order.paid")
=== wrapper converts by name
from shop.bus import emit
from shop.events import EventType
def send(name):
    emit(EventType[name])
send("ORDER_PAID")
=== wrapper converts by value
from shop.bus import emit
from shop.events import EventType
def send(name: str):
    kind = EventType(name)
    emit(kind)
send("order.paid")
=== wrapper maps
from shop.bus import emit
from shop.events import EventType
BY_NAME = {"paid": EventType.ORDER_PAID}
def send(name):
    emit(BY_NAME[name])
send("paid")
=== other enum in other call
from enum import Enum
class Color(str, Enum):
    RED = "red"
print(Color.RED, Color.RED.value)
def f(c: Color):
    return c == "red" or c.value == "red"
=== enum annotated other
from enum import Enum
class Color(str, Enum):
    RED = "red"
def f(color: Color = "red") -> Color:
    return "red"
=== return str
def name() -> str:
    return "order.created"
=== return union
from shop.events import EventType
def parse(x) -> EventType | str:
    return "order.created"
=== yield
def kinds():
    yield "order.created"
=== startswith prefix
from shop.events import Event
def f(event: Event):
    return event.type.startswith("order.") or event.type.value.split(".")[0] == "order"
=== name
from shop.events import Event
def f(event: Event):
    return event.type.name == "ORDER_PAID"
=== dict by other
from shop.events import Event
TITLES = {"order.created": "Created"}
def f(key, event: Event):
    return TITLES[key] + TITLES.get(event.payload, "")
=== dict values
from shop.events import Event, EventType
TITLES = {EventType.ORDER_CREATED: "order.created"}
def f(event: Event):
    return TITLES[event.type] == "order.created"
=== payload dict
from shop.bus import emit
from shop.events import EventType
emit(EventType.ORDER_PAID, {"type": "order.paid", "event_type": "order.paid"})
=== headers
import requests
requests.post("http://x", json={"event_type": "order.paid"}, headers={"type": "x"})
=== sql params
def f(cursor):
    cursor.execute("select 1 where event_type = %s", ("order.paid",))
=== logging extra
import logging
log = logging.getLogger(__name__)
log.info("order.created %s", "order.paid", extra={"event_type": "order.paid"})
=== metric labels
from prometheus_client import Counter
C = Counter("events", "x", ["event_type"])
C.labels(event_type="order.paid").inc()
=== own metric labels
from shop.metrics import C
C.labels(event_type="order.paid").inc()
--- shop/metrics.py
C = object()
=== template
TEXT = "{event_type}".format(event_type="order.paid")
=== namedtuple def
from collections import namedtuple
Row = namedtuple("Row", ["event_type", "type"])
=== typing NewType
from typing import NewType
EventName = NewType("EventName", str)
def f(event_type: EventName): ...
=== other name similar
def f(event_types: str, event_type_id: str, my_event_type: str = "a"): ...
f(event_types="a", event_type_id="b", my_event_type="order.paid")
=== type keyword elsewhere
import argparse
argparse.ArgumentParser().add_argument("x", type="str")
dict(type="order.paid")
=== type attr other class
class Node:
    def __init__(self, type): self.type = type
n = Node("order.paid")
if n.type == "order.paid": pass
=== threading again
import threading
ev = threading.Event()
ev.wait()
t = threading.Thread(target=print, args=("order.created",))
=== signal emit
from PyQt5.QtCore import pyqtSignal
class W:
    s = pyqtSignal(str)
    def f(self):
        self.s.emit("order.created")
=== own other bus
class Bus:
    def publish(self, channel): ...
Bus().publish("order.created")
=== emit local
from socketio import Server
sio = Server()
sio.emit("order.created", {})
=== pytest param
import pytest
@pytest.mark.parametrize("event_type", ["order.created"])
def test(event_type): ...
=== pytest raises
import pytest
from shop.bus import emit
def test():
    with pytest.raises(ValueError, match="order.created"):
        emit(None)
=== patch
from unittest import mock
with mock.patch("shop.bus.emit") as m:
    m.assert_not_called()
mock.patch.object
=== monkeypatch
from shop import bus
def test(monkeypatch):
    monkeypatch.setattr(bus, "emit", print)
    monkeypatch.setattr("shop.bus.emit", print)
=== register name
from shop.bus import emit
def f(registry):
    registry.add("send", emit)
    registry[emit] = "send"
=== celery again
from celery import shared_task
@shared_task(name="order.created")
def f(): ...
=== click again
import click
@click.command("order.created")
def f(): ...
=== str enum own use
from shop.events import EventType
X = EventType.ORDER_PAID.value + ".suffix"
Y = f"{EventType.ORDER_PAID}.x"
print(X, Y)
=== cast
from typing import cast
x = cast(str, "order.created")
=== local var of name
def f(row):
    event_type = row["event_type"]
    return event_type
=== global var
event_type_default = "order.created"
=== compare to none
from shop.events import Event
def f(e: Event):
    return e.type is None
=== event subscription string
from shop.bus import Bus
def f(bus: Bus):
    bus.subscribe("order.created")
    bus.name = "order.created"
=== filter other
class Token:
    type: str
def f(tokens: list[Token]):
    return list(filter(lambda t: t.type == "order.created", tokens))
=== lambda untyped
def f(tokens):
    return sorted(tokens, key=lambda t: t.type == "name")
=== getattr other
def f(obj):
    return getattr(obj, "type") == "x" or getattr(obj, "publish")("x")
=== replace str
def f(s: str):
    return s.replace("order", "paid").copy(update={"type": "x"})
=== partial other
from functools import partial
p = partial(print, "order.created")
p()
=== isinstance pattern other
class Token: ...
def f(x):
    match x:
        case Token(type="order.created"):
            pass
        case {"type": "order.created", "event_type": "a"}:
            pass
=== member via dict
from shop.bus import emit
from shop.events import EventType
M = {"a": EventType.ORDER_PAID}
emit(M["a"])
for name, kind in M.items():
    emit(kind)
=== loop members
from shop.bus import emit
from shop.events import EventType
for kind in [EventType.ORDER_PAID]:
    emit(kind)
[emit(k) for k in EventType if k.value != "order.paid"]
=== member value in list
from shop.events import EventType
VALUES = [k.value for k in EventType]
assert "order.paid" in VALUES
=== alias shadowed param
from shop.bus import emit
def f(emit=print):
    emit("order.created")
=== class attr alias
from shop.events import EventType
class Kinds:
    PAID = EventType.ORDER_PAID
from shop.bus import emit
emit(Kinds.PAID)
=== other event type enumerations
from enum import Enum
class Kinds(str, Enum):
    event_type = "x"
    type = "y"
=== enum from values
from enum import Enum
from shop.bus import emit
from shop.events import EventType
class Sub(str, Enum):
    PAID = EventType.ORDER_PAID.value
emit(Sub.PAID)
=== attr of unknown type str
class Email:
    type: str = "text/html"
def f(e: Email):
    e.type = "text/plain"
    return e.type == "order.created"
=== dataclass with type
from dataclasses import dataclass
@dataclass
class Column:
    name: str
    type: str = "varchar"
Column("a", type="order.created")
=== returns dict
def f() -> dict[str, str]:
    return {"event_type": "order.created"}
=== property of other name
class A:
    @property
    def type(self) -> str:
        return "order.created"
=== method event_type with args
class Parser:
    def event_type(self, row) -> str:
        return row["event_type"]
=== type checker function
def event_type(row) -> str:
    return row["x"]
=== lookup
def f(event_type):
    return {"order.created": 1}
=== unknown keyword handler
class A:
    def f(self, event_type=None, **kw):
        return self.g(event_type=event_type, **kw)
=== boto
import boto3
class A:
    def __init__(self):
        self.client = boto3.client('x')
    def f(self):
        self.client.put(event_type='x')
=== boto module
import boto3
client = boto3.client('x')
client.put(event_type='x')
=== stripe
import stripe
stripe.Event.list(event_type='x')
stripe.api.events.create().more(event_type='x')
=== fastapi
from fastapi import Query, APIRouter
router = APIRouter()
@router.get('/', event_type='x')
def f(kind=Query(event_type='x')): ...
=== typed
from google.cloud import pubsub
def f(client: pubsub.Client):
    client.publish(event_type='x').result(event_type='y')
=== with
import httpx
def f():
    with httpx.Client() as client:
        client.post('x', event_type='x')
=== cron jobs
from shop.bus import emit
def f(scheduler):
    scheduler.add_job(emit, "cron", hour=1)
    scheduler.schedule(emit, "daily")
    scheduler.register(emit, "emit")
=== a map to members by the name
from shop.events import EventType
MAP = {"created": EventType.ORDER_CREATED}
def parse(event_type):
    return MAP[event_type]
def parse2(event_type):
    return MAP.get(event_type)
parse("created")
=== a converter by a loop
from shop.events import EventType
def parse(event_type) -> EventType:
    for one in EventType:
        if one.value == event_type:
            return one
    raise ValueError(event_type)
parse("order.created")
=== a method of the enum
from shop.events import EventType
def f(event_type: str):
    return EventType.parse(event_type)
f("order.created")
=== a key that is no type
from shop.events import Event
COLUMNS = {"id": 1}
def f(event: Event, name):
    return COLUMNS[name], COLUMNS.get("id"), COLUMNS[event.payload]
=== default that is printed
def f(send=print):
    send("order.created")
=== a function kept on self
class A:
    def __init__(self):
        self.send = print
    def f(self):
        self.send("order.created")
=== wrapper for lists of something else
def print_all(kinds):
    for kind in kinds:
        print(kind)
print_all(["order.created"])
=== wrapper of another parameter
from shop.events import Event, EventType
def make(name, kind=EventType.ORDER_PAID):
    return Event(kind, payload=name)
make("order.created")
make(name="order.paid")
=== wrapper that picks
from shop.bus import emit
from shop.events import EventType
def send(paid):
    emit(EventType.ORDER_PAID if paid == "yes" else EventType.ORDER_CREATED)
send("yes")
=== wrapper that looks up
from shop.bus import emit
from shop.events import EventType
def send(name):
    emit(getattr(EventType, name))
send("ORDER_PAID")
=== a namedtuple of strings elsewhere
from typing import NamedTuple
class Row(NamedTuple):
    kind: str
    type: str
Row("order.created", "order.paid")
Row(kind="order.created", type="order.paid")
=== other class of the name
class Event:
    def __init__(self, type: str): self.type = type
def make(t): return Event(t)
make("x")
=== an http client of the project
import httpx
class Client:
    def __init__(self):
        self._http = httpx.AsyncClient()
    async def f(self):
        await self._http.post("/events", json={"event_type": "order.created"})
        self._http.build_request(event_type="x")
=== a library object as a parameter
from fastapi import Request
def f(request: Request):
    return request.state.track(event_type="x")
=== a module of a library
import sentry_sdk
sentry_sdk.capture(event_type="x")
sentry_sdk.hub.current.capture(event_type="x")
=== mixpanel
from mixpanel import Mixpanel
mp = Mixpanel("token")
mp.track(event_type="x")
def f():
    client = Mixpanel("y")
    client.track("id", event_type="z")
=== annotated query
from typing import Annotated
from fastapi import Query
def f(event_type: Annotated[str, Query()]): ...
def g(event_type: Annotated[str | None, Query(alias="x")] = None): ...
=== another enum in comparisons
from enum import Enum
class State(str, Enum):
    OPEN = "open"
class Door:
    type: State = State.OPEN
def f(door: Door):
    return door.type == "open" or door.type == State.OPEN.value
=== a switch of strings
def f(kind: str):
    match kind:
        case "order.created":
            return 1
    return {"order.created": 1}.get(kind)
=== a returned string of a property
class A:
    @property
    def title(self) -> str:
        return "order.created"
=== a test id
import pytest
from shop.events import EventType
@pytest.mark.parametrize("kind", list(EventType), ids=["order.created", "order.paid"])
def test(kind): ...
=== a docstring and type
def f(event):
    '''Handle event.type == 'order.created'.'''
=== a message about an event
from shop.events import Event
def f(event: Event):
    print(f"unknown type {event.type}", "order.created")
    raise ValueError("bad " + event.type)
=== sorting by the type
from shop.events import Event
def f(events: list[Event]):
    return sorted(events, key=lambda e: e.type), {e.type: e for e in events}
=== a dict by type that is filled
from shop.events import Event
def f(events: list[Event]):
    counts = {}
    for e in events:
        counts[e.type] = counts.get(e.type, 0) + 1
    return counts
=== a group of members
from shop.events import Event, EventType
GROUP = {EventType.ORDER_PAID}
def f(e: Event):
    return e.type in GROUP
=== values compared with values
from shop.events import Event, EventType
def f(e: Event):
    return e.type.value in {k.value for k in EventType}
=== a parsed payload
import json
from shop.events import Event, EventType
def f(text):
    data = json.loads(text)
    return Event(EventType(data["type"]), data)
=== a type as text only
from shop.events import Event
def f(e: Event):
    return e.type.value.upper() + "order.created"
=== the name of a member
from shop.events import EventType
def f(name):
    return EventType["ORDER_PAID"], getattr(EventType, "ORDER_PAID"), EventType("order.paid")
=== another function of the bus
from shop import bus
bus.listen("order.created")
bus.Bus().close("order.created")
=== an unrelated partial of an emitter
from functools import partial
from shop.bus import emit
from shop.events import EventType
send = partial(emit, EventType.ORDER_PAID)
send({"id": "order.created"})
=== a pair of members
from shop.bus import emit
from shop.events import EventType
for kind, text in [(EventType.ORDER_PAID, "order.paid")]:
    emit(kind, text)
=== a name in a schema
SCHEMA = {"properties": {"event_type": {"type": "string", "enum": ["order.created"]}}}
=== columns
COLUMNS = ["event_type", "type"]
INDEX = ("event_type",)
def f(df):
    return df["event_type"] == "order.created"
=== a type alias that is not str
EventTypes = list
def f(event_type: EventTypes): ...
=== typed dict of an enum
from typing import TypedDict
from shop.events import EventType
class Row(TypedDict):
    event_type: EventType
row: Row = {"event_type": EventType.ORDER_PAID}
=== a wrapper's other keyword
from shop.bus import emit
from shop.events import EventType
def send(kind: EventType, note: str = "order.created"):
    emit(kind, note)
send(EventType.ORDER_PAID, note="order.paid")
=== a decorator with a name
def task(name):
    def deco(f): return f
    return deco
@task("order.created")
def f(): ...
"""
BAD = (
    *cases(HEAD, BAD_HERE),
    *cases("", BAD_ALONE),
    case(
        "another package",
        "from shop.events import Event\nEvent('order.created')  #!\n",
        path="other/module.py",
    ),
    case(
        "a file that is no module",
        "from shop.events import Event\nclass Mine(Event):\n    pass\nMine('order.created')  #!\n",
        path="bin/run-it.py",
    ),
    case(
        "another configured name",
        "def f(record):\n    record(kind='order.created')  #!\n",
        options={"names": ["kind"]},
    ),
    case(
        "a preset's emitter",
        "from shop.deep.bus import emit\nemit('order.created')  #!\n",
        options={
            "enum": "shop.*.EventType",
            "events": ["shop.*.Event"],
            "emitters": ["shop.*.emit"],
        },
    ),
    case(
        "a preset's event",
        "from shop.events import Event\nEvent('order.created')  #!\n",
        options={"enum": "shop.*.EventType", "events": ["shop.*.Event"]},
    ),
    case(
        "a preset's method",
        "from shop.infra import bus\nbus.publish('order.created')  #!\n",
        options={"emitters": ["shop.*.publish"]},
    ),
)
GOOD = (
    *cases(HEAD, GOOD_HERE),
    *cases("", GOOD_ALONE),
    case(
        "the enum's own definition",
        "from enum import Enum\nclass EventType(str, Enum):\n    ORDER_CREATED = 'order.created'\n"
        "    event_type = 'x'\n    @property\n    def short(self): return 'x'\n",
        path="shop/events.py",
    ),
    case(
        "a wildcard that does not fit",
        "from app.bus import emit\nemit('order.created')\n",
        options={"emitters": ["shop.*.emit"]},
    ),
)
