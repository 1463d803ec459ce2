"""Cases of PV-001 under the preset, whose emitters have a `*`, and of what is called a log."""

from __future__ import annotations

from collections.abc import Iterator

import cases_pv001

from failtrack_guard.presets import preset_tables
from failtrack_guard.rule import Case

RULE = "PV-001"
OPTIONS = preset_tables("hexagonal", "shop", "")["PV-001"]
BUSES = """\
from typing import Protocol
from shop.events import Event, EventType
MaybeType = EventType | None
class Bus:
    def publish(self, kind: EventType, payload=None): ...
    @classmethod
    def dispatch(cls, kind: "EventType | None" = None): ...
class Bare:
    def publish(self, event_name, payload=None): ...
    def emit(self, kind): ...
    def dispatch(self, event_type: str): ...
class Typed:
    def publish(self, event: str, payload=None): ...
    def emit(self, kind: str): ...
class Optional:
    def publish(self, value: MaybeType): ...
class Takes:
    def publish(self, event: Event): ...
class Port(Protocol):
    def publish(self, kind: EventType): ...
class Kafka(Port):
    def publish(self, value, more=None): ...
def emit_event(type, **more): ...
def make_bus() -> Bus: ...
bus = Bus()
"""
CHANNELS = """\
import redis
from redis import Redis
from flask_socketio import SocketIO, emit
socketio = SocketIO()
def make_redis(): return Redis()
def make_anything(): ...
class RedisChannel:
    def __init__(self, client): self.client = client
    def publish(self, channel: str, body: bytes) -> None:
        self.client.publish(channel, body)
class Router:
    def dispatch(self, path: str): ...
class Sock:
    async def emit(self, name: str, data): ...
class Post:
    def publish(self, at: str = "now"): ...
class Many:
    def publish(self, *events): ...
class Client(Redis): ...
class Holder:
    def __init__(self, redis: Redis):
        self.redis = redis
def publish(path: str): ...
"""
LOGS = """\
import logging
from shop.events import EventType
class Log:
    def add(self, n: int, event_type: EventType): ...
    def put(self, n: int, *, event_type: EventType, **fields): ...
    def info(self, message, **fields): ...
class Lib(logging.Logger): ...
log = Log()
def get_log() -> Log: ...
def get_logger(): return logging.getLogger()
"""
FILES = {"shop/buses.py": BUSES, "shop/channels.py": CHANNELS, "shop/logs.py": LOGS}


def cases(text: str) -> Iterator[Case]:
    """Yield the cases of a text: `=== name`, then code whose findings are marked with `#!`."""
    for part in text.split("=== ")[1:]:
        name, _, code = part.partition("\n")
        yield cases_pv001.case(f"under the preset {name}", code, FILES, options=OPTIONS)


BAD = (
    *cases("""\
=== a typed attribute
from shop.buses import Bus, Port, Takes, Bare
class Orders:
    plain: Bare
    def __init__(self, bus: Bus, port: "Port | None", takes: Takes):
        self.bus = bus
        self.port = port
        self.takes = takes
    def pay(self):
        self.bus.publish("order.lost")  #!
        self.bus.publish(kind="order.lost")  #!
        self.port.publish("order.lost")  #!
        self.takes.publish("order.lost")  #!
        self.plain.publish("order.lost")  #!
        self.plain.emit("order.lost")  #!
        self.plain.dispatch("order.lost")  #!
=== a parameter for events that is annotated as a text
from shop.buses import Typed
def pay(bus: Typed):
    bus.publish("order.lost")  #!
    bus.emit("order.lost")  #!
=== an attribute that is made here
from shop.buses import Bus, make_bus
class Orders:
    def __init__(self, bus=None):
        self.bus = bus or Bus()
        self.made = make_bus()
    def pay(self, name):
        self.bus.publish("order.lost")  #!
        self.made.publish("order.lost")  #!
        self.made.publish(f"order.{name}")  #!
=== a parameter, a class and a value of another file
from shop.buses import Bus, Kafka, Optional, bus, emit_event
import shop.buses
def pay(given: Bus, kafka: Kafka, optional: Optional):
    given.publish("order.lost")  #!
    optional.publish("order.lost")  #!
    kafka.publish("order.lost")  #!
    bus.publish("order.lost")  #!
    shop.buses.bus.publish("order.lost")  #!
    Bus.dispatch("order.lost")  #!
    emit_event("order.lost")  #!
    emit_event(type="order.lost")  #!
=== an attribute of what is typed
from shop.buses import Bus
class App:
    def __init__(self, bus: Bus):
        self.bus = bus
class Orders:
    def __init__(self, app: App):
        self.app = app
    def pay(self, app: App):
        self.app.bus.publish("order.lost")  #!
        app.bus.publish("order.lost")  #!
=== a member where nobody says the class
from typing import Any
from shop.channels import make_anything
class Orders:
    late = None
    def __init__(self, bus, anything: Any, thing: object):
        self.bus = bus
        self.anything = anything
        self.thing = thing
        self.made = make_anything()
    def pay(self):
        self.bus.publish("order.paid")  #!
        self.bus.publish("order.lost" if self.late else "order.paid")  #!
        self.anything.publish("order.paid")  #!
        self.thing.publish("order.paid")  #!
        self.made.publish("order.paid")  #!
        self.late.emit("order.paid")  #!
=== a member in a function of another purpose
from shop.channels import RedisChannel, Post, publish, Many
def run(channel: RedisChannel, many: Many):
    channel.publish("order.paid", b"")  #!
    Post().publish("order.paid")  #!
    many.publish("order.paid")  #!
    publish("order.paid")  #!
=== what is handed to an emitter by another function
from functools import partial
from shop.buses import Bus, bus
from shop.channels import RedisChannel
def run(pool, given: Bus, channel: RedisChannel):
    pool.submit(given.publish, "order.lost")  #!
    partial(bus.publish, "order.lost")  #!
    pool.submit(channel.publish, "order.paid")  #!
def send(kind):
    bus.publish(kind)
send("order.lost")  #!
=== all ways in which a class is said
from __future__ import annotations
import abc, functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar
from shop.events import Event, EventType
if TYPE_CHECKING:
    from shop.buses import Bus
T = TypeVar("T")
class Base(abc.ABC):
    @abc.abstractmethod
    def publish(self, kind: EventType): ...
class Sub(Base):
    def publish(self, what, *rest):
        super().publish("order.lost")  #!
    def again(self):
        self.publish("order.lost")  #!
class Typed(Generic[T]):
    def publish(self, kind: EventType | str): ...
@dataclass
class Held:
    bus: Bus
    typed: Typed[int]
    maybe: Bus | None = None
    def run(self):
        self.bus.publish("order.lost")  #!
        self.typed.publish("order.lost")  #!
        self.maybe.publish("order.lost")  #!
class Decorated:
    @functools.wraps(print)
    def emit(self, event): ...
    @staticmethod
    def dispatch(kind): ...
    def run(self):
        self.emit("order.lost")  #!
        Decorated.dispatch("order.lost")  #!
class Outer:
    class Inner:
        def publish(self, kind: EventType): ...
    inner = Inner()
    def run(self, buses: list[Base], by_name: dict[str, Sub]):
        self.inner.publish("order.lost")  #!
        Outer.inner.publish("order.lost")  #!
        by_name["x"].publish("order.lost")  #!
        for one in buses:
            one.publish("order.lost")  #!
def factory() -> Base: ...
factory().publish("order.lost")  #!
def emit(event: Event): ...
emit("order.lost")  #!
"""),
    cases_pv001.case(
        "a pattern that names the class of the emitter",
        "from shop.channels import Post, RedisChannel\ndef run(channel: RedisChannel):\n"
        "    channel.publish('orders:new', b'')  #!\n    Post().publish('orders:new')\n",
        FILES,
        options={"emitters": ["shop.*.RedisChannel.publish"]},
    ),
    cases_pv001.case(
        "a pattern beside an emitter that is named exactly",
        "from shop.channels import Post, publish\npublish('dist/')  #!\nPost().publish('dist/')\n",
        FILES,
        options={"emitters": ["shop.*.publish", "shop.channels.publish"]},
    ),
    cases_pv001.case(
        "a member of one of two enums that a pattern means",
        "from shop.channels import publish\n"
        "publish('order.paid')  #!\npublish('stock.moved')  #!\npublish('stock.lost')\n",
        {
            **FILES,
            "shop/stock.py": "from enum import Enum\n"
            "class EventType(Enum):\n    MOVED = 'stock.moved'\n",
        },
        options=OPTIONS,
    ),
    cases_pv001.case(
        "a class of the project that is called a log",
        """\
from shop.logs import Log, get_log, log as shared
import shop.logs
def add(log: Log, logger: "Log | None"):
    log.add(1, event_type="order.paid")  #!
    logger.put(1, event_type="order.paid")  #!
class Orders:
    def __init__(self, log: Log):
        self.log = log
        self._event_log = Log()
    def pay(self):
        self.log.add(1, event_type="order.paid")  #!
        self._event_log.add(1, event_type="order.paid")  #!
Log().add(1, event_type="order.paid")  #!
get_log().add(1, event_type="order.paid")  #!
shop.logs.log.add(1, event_type="order.paid")  #!
""",
        FILES,
    ),
)
GOOD = (
    *cases("""\
=== an attribute of a class of a library
import redis as lib
from unittest.mock import Mock
from PySide6.QtCore import QObject, Signal
from redis import Redis
from shop.channels import make_redis
class Notifier(QObject):
    changed = Signal(str)
    typed: Redis
    def __init__(self, redis: Redis, maybe: "Redis | None" = None) -> None:
        self.redis = redis
        self.maybe = maybe
        self.own = lib.Redis()
        self.made = make_redis()
        self.url = lib.from_url("redis://")
        self.left, self.right = Redis(), Redis()
    @property
    def pool(self) -> Redis: ...
    def ready(self):
        for one in ("cache:invalidate", "order.paid"):
            self.redis.publish(one, "x")
        self.maybe.publish("order.paid")
        self.typed.publish("order.paid")
        self.own.publish("order.paid")
        self.made.publish("order.paid")
        self.url.publish("order.paid")
        self.left.publish("order.paid")
        self.pool.publish("order.paid")
        self.redis.inner.publish("order.paid")
        self.mock = Mock()
        self.mock.publish("order.paid")
        with Redis() as self.opened:
            self.opened.publish("cache:invalidate")
        self.changed.emit("title")
        self.changed.emit("order.paid")
class Child(Notifier):
    def again(self):
        self.redis.publish("order.paid")
def other(redis: Redis, notifier: Notifier):
    redis.publish("cache:invalidate", "x")
    notifier.redis.publish("order.paid")
=== what nobody says the class of
from typing import Any
from shop.channels import make_anything
class Notifier:
    socketio = None
    def __init__(self, redis, anything: Any, bus, thing: object):
        self.redis = redis
        self.anything = anything
        self.bus = bus
        self.thing = thing
        self.made = make_anything()
    def ready(self, name):
        self.redis.publish("cache:invalidate", "x")
        self.redis.publish(f"cache:{name}", "x")
        self.anything.publish("cache:invalidate")
        self.bus.publish("topic-x")
        self.thing.publish("topic-x")
        self.made.publish("topic-x")
        self.socketio.emit("connected", {})
=== an object of a library that another module holds
from shop import channels
from shop.channels import Holder, emit, socketio
def run(holder: Holder):
    socketio.emit("connected", {})
    socketio.emit("order.paid", {})
    channels.socketio.emit("connected", {})
    emit("connected", {})
    channels.emit("order.paid", {})
    holder.redis.publish("order.paid")
=== functions of another purpose
from shop.channels import Client, Many, Post, RedisChannel, Router, Sock, publish
async def run(channel: RedisChannel, router: Router, sock: Sock, client: Client, many: Many):
    channel.publish("orders:new", b"")
    channel.publish(channel="orders:new", body=b"")
    router.dispatch("/orders/1")
    await sock.emit("connected", {})
    await sock.emit(name="connected", data={})
    client.publish("cache:invalidate")
    many.publish("x")
publish("dist/")
Post().publish("tomorrow")
Post().publish(at="tomorrow")
class Site:
    def __init__(self, router: Router):
        self.router = router
    def open(self, pool):
        self.router.dispatch("/orders/2")
        pool.submit(self.router.dispatch, "/orders/3")
=== functions of another purpose in this file
from redis import Redis
class Channel:
    def __init__(self, client: Redis):
        self.client = client
    def publish(self, channel, body):
        self.client.publish(channel, body)
def publish(path): ...
def run(channel: Channel):
    def emit(text): ...
    channel.publish("orders:new", b"")
    emit("connected")
publish("dist/")
"""),
    cases_pv001.case(
        "loggers, also of the project",
        """\
import logging
from shop.logs import Lib, Log, get_log, get_logger
logger = get_logger()
logger.info("saved", event_type="order.paid")
get_log().info("saved", event_type="order.paid")
def save(log: Log, lib_log: Lib, plain_log):
    log.info("saved", event_type="order.paid")
    lib_log.info("saved", event_type="order.paid")
    plain_log.info("saved", event_type="order.paid")
class Orders:
    def __init__(self, log: Log, any_log):
        self.log = log
        self.any_log = any_log
    def pay(self):
        self.log.info("saved", event_type="order.paid")
        self.any_log.add(1, event_type="order.paid")
""",
        FILES,
    ),
)
