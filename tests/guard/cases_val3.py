"""More cases of VAL-3: ways around a boundary, and what only looks like one.

Each line that is found ends with `# <-`, or with their number; the mark is taken off before. Other
files follow after `=== path`, and a case that begins with such a line is judged at that path.
"""

from __future__ import annotations

import sys

from failtrack_guard.rule import Case, bad, good

RULE = "VAL-3"
PATH = "shop/domain/orders.py"
MARK = "  # <-"
SHOP = {
    "shop/__init__.py": "",
    "shop/domain/__init__.py": "",
    "shop/domain/model.py": "class Order:\n    pass\n",
    "shop/application/__init__.py": "",
    "shop/application/services.py": "from shop.domain.model import Order\n",
    "shop/infrastructure/__init__.py": "",
    "shop/infrastructure/db.py": "x = 1\n",
    "shop/api/__init__.py": "",
    "shop/api/routes.py": "def x():\n    pass\n\ny = 2\n",
    "shop/apiary/__init__.py": "",
    "shop/apiary/bees.py": "x = 1\n",
}

BAD_TEXTS = {
    "from the layer": """\
from shop.api.routes import x  # <-
""",
    "the layer itself": """\
import shop.api  # <-
""",
    "under another name": """\
import shop.api.routes as r  # <-
""",
    "from the package": """\
from shop import api  # <-
""",
    "from the package under another name": """\
from shop import api as a, domain  # <-
""",
    "two layers from the package": """\
from shop import (
    api,  # <-
    infrastructure,  # <-
)
""",
    "many names once": """\
from shop.api.routes import (  # <-
    x,
    y,
)
""",
    "two in one import": """\
import os, shop.api, shop.infrastructure.db  # <- 2
""",
    "in a function": """\
def f():
    from shop.api import routes  # <-
    return routes
""",
    "in a class": """\
class A:
    from shop.api import routes  # <-
""",
    "in a try": """\
try:
    import shop.api.routes  # <-
except ImportError:
    pass
""",
    "in an except": """\
try:
    import os
except ImportError:
    import shop.api.routes as r  # <-
""",
    "for type checkers": """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.api.routes import x  # <-
""",
    "behind a semicolon": """\
import os; import shop.api  # <-
""",
    "behind a colon": """\
if True: import shop.api  # <-
""",
    "on a continued line": """\
from shop.api \\  # <-
    import routes
""",
    "with blanks in the name": """\
import shop . api . routes  # <-
""",
    "without a blank": """\
from shop.api import(routes)  # <-
""",
    "after a form feed": """\
\x0cimport shop.api  # <-
""",
    "in a match": """\
match 1:
    case 1:
        import shop.api as a  # <-
""",
    "in an async function": """\
async def f():
    import shop.api as a  # <-
""",
    "in a with": """\
with open('x') as f:
    from shop.api import routes  # <-
""",
    "everything": """\
from shop.api import *  # <-
""",
    "everything of a module": """\
from shop.api.routes import *  # <-
""",
    "relative, one up": """\
from ..api import routes  # <-
""",
    "relative, from the package": """\
from .. import api  # <-
""",
    "relative, deep": """\
=== shop/domain/deep/a.py
from ...api.routes import x  # <-
""",
    "relative, in a package": """\
=== shop/domain/__init__.py
from ..api import routes  # <-
""",
    "relative, in a function": """\
def f():
    from .. import api as a  # <-
    return a
""",
    "from a migration": """\
=== shop/domain/migrations/0001_initial.py
from shop.api import routes  # <-
from ...infrastructure import db  # <-
""",
    "from a script between modules": """\
=== shop/domain/tools/clean-up.py
from shop.infrastructure import db  # <-
""",
    "facade that no import statement names": """\
import importlib
x = importlib.import_module("shop.steps.0001_first").x  # <-

=== shop/steps/0001_first.py
from shop.api.routes import x
""",
    "another direction": """\
from shop.infrastructure import db  # <-
""",
    "application to api": """\
=== shop/application/s.py
from shop.api import routes  # <-
""",
    "application to infrastructure": """\
=== shop/application/s.py
from ..infrastructure.db import x  # <-
""",
    "api to infrastructure": """\
=== shop/api/routes.py
from shop.infrastructure import db  # <-
""",
    "infrastructure to api": """\
=== shop/infrastructure/db.py
import shop.api  # <-
""",
    "with a byte order mark": """\
\ufeffimport shop.api  # <-
""",
    "beside other letters": """\
# äöü
from shop.api import routes  # <-
""",
    "in a file under src": """\
=== src/shop/domain/x.py
import shop.api  # <-
""",
    "import_module": """\
import importlib
importlib.import_module("shop.api.routes")  # <-
""",
    "import_module by its name": """\
from importlib import import_module
r = import_module("shop.api.routes")  # <-
""",
    "import_module under another name": """\
from importlib import import_module as im
im("shop.api.routes")  # <-
""",
    "importlib under another name": """\
import importlib as il
il.import_module("shop.api")  # <-
""",
    "import_module in a variable": """\
import importlib
load = importlib.import_module
load("shop.api.routes")  # <-
""",
    "import_module by getattr": """\
import importlib
getattr(importlib, "import_module")("shop.api")  # <-
""",
    "import_module by getattr of parts": """\
import importlib
getattr(importlib, "import_" + "module")("shop.api")  # <-
""",
    "import_module by partial": """\
import importlib
from functools import partial
load = partial(importlib.import_module, "shop.api.routes")  # <-
load()
""",
    "import_module by partial with a package": """\
import functools, importlib
load = functools.partial(importlib.import_module, package="shop.api")
load(".routes")  # <-
""",
    "import_module by keyword": """\
import importlib
importlib.import_module(name="shop.api")  # <-
""",
    "import_module by keywords in a dict": """\
import importlib
importlib.import_module(**{"name": "shop.api"})  # <-
""",
    "import_module by a star": """\
import importlib
importlib.import_module(*["shop.api"])  # <-
""",
    "import_module with a package": """\
import importlib
importlib.import_module(".routes", "shop.api")  # <-
""",
    "import_module that climbs": """\
import importlib
importlib.import_module("..api.routes", package=__package__)  # <-
""",
    "import_module that climbs from its name": """\
import importlib
importlib.import_module("...api", __name__)  # <-
""",
    "an unknown module of a known package": """\
import importlib
def f(n):
    return importlib.import_module("." + n, "shop.api")  # <-
""",
    "an unknown module in an f-string": """\
import importlib
def f(n):
    return importlib.import_module(f"shop.api.{n}")  # <-
""",
    "an unknown module by percent": """\
import importlib
def f(n):
    return importlib.import_module("shop.api.%s" % n)  # <-
""",
    "an unknown module by format": """\
import importlib
def f(n):
    return importlib.import_module("shop.api.{}".format(n))  # <-
""",
    "import function": """\
__import__("shop.api.routes")  # <-
""",
    "import function with names": """\
__import__("shop", fromlist=["api"])  # <-
""",
    "import function by level": """\
__import__("api", globals(), locals(), [], 2)  # <-
""",
    "import function by level and names": """\
__import__("", globals(), locals(), ["api"], 2)  # <-
""",
    "import function of builtins": """\
import builtins
builtins.__import__("shop.api")  # <-
""",
    "import function of importlib": """\
import importlib
importlib.__import__("shop.api")  # <-
""",
    "import function in a table": """\
__builtins__["__import__"]("shop.api")  # <-
""",
    "import function as an attribute": """\
__builtins__.__import__("shop.api")  # <-
""",
    "import function by getattr": """\
import builtins
getattr(builtins, "__import__")("shop.api")  # <-
""",
    "import function in globals": """\
globals()["__builtins__"]["__import__"]("shop.api")  # <-
""",
    "import function in vars": """\
import builtins
vars(builtins)["__import__"]("shop.api")  # <-
""",
    "import function of a dict": """\
import builtins
builtins.__dict__["__import__"]("shop.api")  # <-
""",
    "import function, then attributes": """\
__import__("shop").api.routes.x()  # <-
""",
    "import function under another name": """\
imp = __import__
imp("shop.api")  # <-
""",
    "find_spec": """\
import importlib.util
importlib.util.find_spec("shop.api.routes")  # <-
""",
    "find_spec by its name": """\
from importlib.util import find_spec
find_spec("shop.api")  # <-
""",
    "find_spec with a package": """\
from importlib import util
util.find_spec(".routes", "shop.api")  # <-
""",
    "spec from a path": """\
import importlib.util as u
spec = u.spec_from_file_location("routes", "shop/api/routes.py")  # <-
module = u.module_from_spec(spec)
spec.loader.exec_module(module)
""",
    "spec from a path beside this file": """\
import importlib.util, os
p = os.path.join(os.path.dirname(__file__), "..", "api", "routes.py")
spec = importlib.util.spec_from_file_location("routes", p)  # <-
""",
    "spec from a pathlib path": """\
import importlib.util
from pathlib import Path
p = Path(__file__).resolve().parent.parent / "api" / "routes.py"
spec = importlib.util.spec_from_file_location("routes", p)  # <-
""",
    "lazy loader": """\
import importlib.util
spec = importlib.util.find_spec("shop.api.routes")  # <-
loader = importlib.util.LazyLoader(spec.loader)
spec.loader = loader
""",
    "a loader of source": """\
from importlib.machinery import SourceFileLoader
SourceFileLoader("routes", "shop/api/routes.py").load_module()  # <-
""",
    "reload": """\
import importlib, sys
importlib.reload(sys.modules["shop.api"])  # <-
""",
    "resolve_name": """\
import pkgutil
pkgutil.resolve_name("shop.api.routes:x")  # <-
""",
    "resolve_name with dots": """\
from pkgutil import resolve_name
resolve_name("shop.api.routes.x")  # <-
""",
    "get_loader": """\
import pkgutil
pkgutil.get_loader("shop.api")  # <-
""",
    "get_data": """\
import pkgutil
pkgutil.get_data("shop.api", "schema.json")  # <-
""",
    "get_data through the package": """\
import pkgutil
pkgutil.get_data("shop", "api/schema.json")  # <-
""",
    "walk_packages": """\
import pkgutil
list(pkgutil.walk_packages(["shop/api"], "shop.api."))  # <-
""",
    "walk_packages of an imported path": """\
import pkgutil, shop
for m in pkgutil.walk_packages(shop.api.__path__):  # <-
    pass
""",
    "iter_modules": """\
import pkgutil
[*pkgutil.iter_modules(["shop/api"])]  # <-
""",
    "run_module": """\
import runpy
runpy.run_module("shop.api.routes")  # <-
""",
    "run_path": """\
import runpy
runpy.run_path("shop/api/routes.py")  # <-
""",
    "run_path in src": """\
from runpy import run_path
run_path("src/shop/api/routes.py")  # <-
""",
    "locate": """\
import pydoc
pydoc.locate("shop.api.routes.x")  # <-
""",
    "loaded modules": """\
import sys
r = sys.modules["shop.api.routes"]  # <-
""",
    "loaded modules by get": """\
import sys
r = sys.modules.get("shop.api.routes")  # <-
""",
    "loaded modules by their name": """\
from sys import modules
r = modules["shop.api"].routes  # <-
""",
    "loaded modules under another name": """\
import sys
m = sys.modules
m["shop.api"]  # <-
""",
    "loaded modules, then attributes": """\
import sys
sys.modules["shop"].api.routes.x()  # <-
""",
    "loaded modules by getattr": """\
import sys
getattr(sys, "modules")["shop.api"]  # <-
""",
    "a loaded module by an f-string": """\
import sys
P = "shop"
sys.modules[f"{P}.api"]  # <-
""",
    "concatenation": """\
import importlib
importlib.import_module("shop" + ".api")  # <-
""",
    "split to hide it": """\
import importlib
importlib.import_module("sh" "op.a" + "pi")  # <-
""",
    "a constant": """\
import importlib
TARGET = "shop.api"
importlib.import_module(TARGET + ".routes")  # <-
""",
    "an f-string of constants": """\
import importlib
P = "shop"
L = "api"
importlib.import_module(f"{P}.{L}.routes")  # <-
""",
    "format": """\
import importlib
importlib.import_module("{}.{}".format("shop", "api"))  # <-
""",
    "format by name": """\
import importlib
importlib.import_module("{a}.api".format(a="shop"))  # <-
""",
    "percent": """\
import importlib
importlib.import_module("%s.%s" % ("shop", "api"))  # <-
""",
    "percent of a dict": """\
import importlib
importlib.import_module("%(a)s.api" % {"a": "shop"})  # <-
""",
    "join": """\
import importlib
importlib.import_module(".".join(["shop", "api", "routes"]))  # <-
""",
    "join of a constant": """\
import importlib
P = ("shop", "api")
importlib.import_module(".".join(P))  # <-
""",
    "replace": """\
import importlib
importlib.import_module(__name__.replace("domain", "api"))  # <-
""",
    "own name split": """\
import importlib
importlib.import_module(__name__.split(".")[0] + ".api")  # <-
""",
    "own package": """\
import importlib
importlib.import_module(__package__.rpartition(".")[0] + ".api")  # <-
""",
    "reversed": """\
import importlib
importlib.import_module("ipa.pohs"[::-1])  # <-
""",
    "reversed and joined": """\
import importlib
importlib.import_module("".join(reversed("ipa.pohs")))  # <-
""",
    "escapes": """\
import importlib
importlib.import_module("shop.\\x61pi")  # <-
""",
    "letters by number": """\
import importlib
importlib.import_module("shop." + chr(97) + "pi")  # <-
""",
    "bytes": """\
import importlib
importlib.import_module(b"shop.api".decode())  # <-
""",
    "base64": """\
import base64, importlib
importlib.import_module(base64.b64decode("c2hvcC5hcGk=").decode())  # <-
""",
    "rot13": """\
import codecs, importlib
importlib.import_module(codecs.decode("fubc.ncv", "rot13"))  # <-
""",
    "lower case": """\
import importlib
importlib.import_module("SHOP.API".lower())  # <-
""",
    "a conditional": """\
import importlib
import os
importlib.import_module("shop.api" if os.sep else "json")  # <-
""",
    "a default by or": """\
import importlib, os
importlib.import_module(os.environ.get("M") or "shop.api")  # <-
""",
    "a walrus": """\
import importlib
importlib.import_module(n := "shop.api")  # <-
""",
    "added to": """\
import importlib
name = "shop"
name += ".api"
importlib.import_module(name)  # <-
""",
    "from a list": """\
import importlib
NAMES = ["json", "shop.api"]
importlib.import_module(NAMES[1])  # <-
""",
    "from a dict": """\
import importlib
T = {"r": "shop.api.routes"}
importlib.import_module(T["r"])  # <-
""",
    "from a dict by get": """\
import importlib
T = {"r": "shop.api"}
importlib.import_module(T.get("r"))  # <-
""",
    "in a loop": """\
import importlib
for name in ("json", "shop.api.routes"):
    importlib.import_module(name)  # <-
""",
    "in a loop over a dict": """\
import importlib
T = {"r": "shop.api"}
for k, v in T.items():
    importlib.import_module(v)  # <-
""",
    "in a comprehension": """\
import importlib
M = [importlib.import_module(n) for n in ["shop.api"]]  # <-
""",
    "in a dict comprehension": """\
import importlib
T = {"r": "shop.api"}
M = {k: importlib.import_module(v) for k, v in T.items()}  # <-
""",
    "by map": """\
import importlib
M = list(map(importlib.import_module, ["json", "shop.api"]))  # <-
""",
    "a class's constant": """\
import importlib
class C:
    NAME = "shop.api"
importlib.import_module(C.NAME)  # <-
""",
    "an enum's value": """\
import enum, importlib
class C(enum.Enum):
    API = "shop.api"
importlib.import_module(C.API.value)  # <-
""",
    "an attribute of self": """\
import importlib
class C:
    def __init__(self):
        self.name = 'shop.api'
    def load(self):
        return importlib.import_module(self.name)  # <-
""",
    "a default": """\
import importlib
def load(name="shop.api"):
    return importlib.import_module(name)  # <-
""",
    "through a function of this file": """\
import importlib
def load(name):
    return importlib.import_module(name)  # <-

routes = load("shop.api.routes")
""",
    "through a lambda": """\
import importlib
load = lambda n: importlib.import_module(n)  # <-
load("shop.api")
""",
    "through a method": """\
import importlib
class C:
    def load(self, name):
        return importlib.import_module(name)  # <-
    def go(self):
        return self.load("shop.api")
""",
    "a name that a function returns": """\
import importlib
def name():
    return "shop.api"
importlib.import_module(name())  # <-
""",
    "lazy attribute with a table": """\
import importlib
_LAZY = {"routes": "shop.api.routes", "json": "json"}
def __getattr__(name):
    if name in _LAZY:
        return importlib.import_module(_LAZY[name])  # <-
    raise AttributeError(name)
""",
    "lazy attribute with a table of pairs": """\
import importlib
_LAZY = {"x": ("shop.api.routes", "x")}
def __getattr__(name):
    module, attr = _LAZY[name]
    return getattr(importlib.import_module(module), attr)  # <-
""",
    "lazy attribute with an import": """\
def __getattr__(name):
    if name == 'routes':
        from shop.api import routes  # <-
        return routes
    raise AttributeError(name)
""",
    "lazy attribute with an f-string": """\
import importlib
def __getattr__(name):
    return importlib.import_module(f"shop.api.{name}")  # <-
""",
    "exec": """\
exec("import shop.api")  # <-
""",
    "exec of a from import": """\
exec("from shop.api.routes import x")  # <-
""",
    "exec of a block": '''\
exec("""  # <-
import os
from shop.api import routes
""")
''',
    "exec of parts": """\
exec("imp" + "ort shop" + ".api")  # <-
""",
    "exec of an f-string": """\
L = "api"
exec(f"from shop.{L} import routes")  # <-
""",
    "exec of a known package": """\
def f(n):
    exec(f"from shop.api import {n}")  # <-
""",
    "exec of relative": """\
exec("from ..api import routes")  # <-
""",
    "eval": """\
eval("__import__('shop.api')")  # <-
""",
    "eval of importlib": """\
import importlib
eval("importlib.import_module('shop.api')")  # <-
""",
    "compile": """\
exec(compile("import shop.api", "x", "exec"))  # <-
""",
    "compile into a variable": """\
c = compile("import shop.api", "x", "exec")  # <-
exec(c)
""",
    "exec of builtins": """\
import builtins
builtins.exec("import shop.api")  # <-
""",
    "exec in exec": """\
exec("exec('import shop.api')")  # <-
""",
    "exec of a file": """\
exec(open("shop/api/routes.py").read())  # <-
""",
    "exec of a file with pathlib": """\
from pathlib import Path
exec(Path("shop/api/routes.py").read_text())  # <-
""",
    "exec of bytes": """\
exec(b"import shop.api")  # <-
""",
    "exec under another name": """\
run = exec
run("import shop.api")  # <-
""",
    "resources": """\
from importlib import resources
resources.files("shop.api")  # <-
""",
    "resources by name": """\
from importlib.resources import files
files("shop.api").joinpath("x").read_text()  # <-
""",
    "resources, text": """\
import importlib.resources as r
r.read_text("shop.api", "schema.json")  # <-
""",
    "resources, open": """\
from importlib.resources import open_text
open_text("shop.api", "x")  # <-
""",
    "resources, path": """\
from importlib import resources
with resources.path("shop.api", "x") as p:  # <-
    pass
""",
    "resources, anchor": """\
from importlib import resources
resources.files(anchor="shop.api")  # <-
""",
    "resources through the package": """\
from importlib import resources
(resources.files("shop") / "api" / "x.json").read_text()  # <-
""",
    "resources joined through the package": """\
from importlib import resources
resources.files("shop").joinpath("api", "x").read_bytes()  # <-
""",
    "attributes of the package": """\
import shop
shop.api.routes.x()  # <-
""",
    "attributes under another name": """\
import shop as s
s.api.routes.x()  # <-
""",
    "attributes after another import": """\
import shop.domain.model
shop.api.routes.x()  # <-
""",
    "attributes in a function": """\
import shop
def f():
    return shop.api.y  # <-
""",
    "an attribute by getattr": """\
import shop
getattr(shop, "api").routes  # <-
""",
    "an attribute by its dict": """\
import shop
shop.__dict__["api"]  # <-
""",
    "an attribute by vars": """\
import shop
vars(shop)["api"].routes  # <-
""",
    "an attribute in a variable": """\
import shop
s = shop
s.api.routes.x()  # <-
""",
    "attributes twice": """\
import shop
shop.api.routes.x()  # <-
shop.api.routes.x()
""",
    "attributes of an annotation": """\
import shop
def f(x: shop.api.Order): ...  # <-
""",
    "a base class": """\
import shop
class A(shop.api.Base): ...  # <-
""",
    "attrgetter": """\
import operator, shop
operator.attrgetter("api.routes")(shop)  # <-
""",
    "a search path of this package": """\
=== shop/domain/__init__.py
import os
__path__.append(os.path.join(os.path.dirname(__file__), '..', 'api'))  # <-
""",
    "a facade": """\
from shop.facade import x  # <-
=== shop/facade.py
from shop.api.routes import x
""",
    "a facade as a module": """\
from shop import facade  # <-
facade.x()
=== shop/facade.py
from .api.routes import x
""",
    "a facade by import": """\
import shop.facade  # <-
shop.facade.x()
=== shop/facade.py
from .api.routes import x
""",
    "a facade behind a facade": """\
from shop.facade import x  # <-
=== shop/facade.py
from shop.inner import x
=== shop/inner.py
from shop.api.routes import x
""",
    "everything of a facade": """\
from shop.facade import *  # <-
=== shop/facade.py
from shop.api.routes import *
""",
    "a facade elsewhere": """\
import facade  # <-
facade.routes.x()
=== facade.py
from shop.api import routes
""",
    "a facade for type checkers": """\
from shop.facade import x  # <-
=== shop/facade.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.api.routes import x
""",
    "a facade that is lazy": """\
from shop.facade import routes  # <-
=== shop/facade.py
import importlib
_L = {'routes': 'shop.api.routes', 'm': 'shop.domain.model'}
def __getattr__(name):
    return importlib.import_module(_L[name])
""",
    "a facade that is lazy by statement": """\
from shop import facade
facade.routes.x()  # <-
=== shop/facade.py
def __getattr__(name):
    if name == 'routes':
        from shop.api import routes
        return routes
    raise AttributeError
""",
    "a facade that loads by name": """\
from shop.facade import routes  # <-
=== shop/facade.py
import importlib
routes = importlib.import_module('shop.api.routes')
""",
    "a function of a facade": """\
from shop.facade import load  # <-
=== shop/facade.py
def load():
    from shop.api import routes
    return routes
""",
    "a facade by import_module": """\
import importlib
importlib.import_module('shop.facade')  # <-
=== shop/facade.py
from shop.api import routes
""",
    "the package re-exports": """\
from shop import x  # <-
=== shop/__init__.py
from shop.api.routes import x
""",
    "the package re-exports, by attribute": """\
import shop
shop.x()  # <-
=== shop/__init__.py
from shop.api.routes import x
""",
    "everything of the package": """\
from shop import *  # <-
=== shop/__init__.py
from shop.api.routes import x
""",
    "everything of the package by its list": """\
from shop import *  # <-
=== shop/__init__.py
__all__ = ['api', 'domain']
""",
    "everything of the package, relative": """\
from .. import *  # <-
=== shop/__init__.py
from . import api
""",
    "the composition root": """\
from shop.main import app  # <-
=== shop/main.py
from shop.api import routes
app = object()
""",
    "a name of the composition root": """\
from shop.main import routes  # <-
=== shop/main.py
from shop.api import routes
""",
    "attributes of the composition root": """\
import shop.main  # <-
shop.main.routes.x()
=== shop/main.py
from shop.api import routes
""",
    "the composition root that wires in a function": """\
from shop import main  # <-
main.build()
=== shop/main.py
def build():
    from shop.infrastructure import db
    return db
""",
    "the composition root in a function": """\
def f():
    from shop.main import app  # <-
    return app
=== shop/main.py
from shop.api import routes
app = object()
""",
    "everything of the composition root": """\
from shop.main import *  # <-
=== shop/main.py
from shop.api import routes
""",
    "the composition root by import_module": """\
import importlib
importlib.import_module("shop.main").routes  # <-
=== shop/main.py
from shop.api import routes
""",
    "import_module of another module": """\
from shop.compat import load
load("shop.api.routes")  # <-
=== shop/compat.py
from importlib import import_module as load
""",
    "a static method that imports": """\
import importlib
class L:
    load = staticmethod(importlib.import_module)
L.load("shop.api")  # <-
""",
    "a function in a table": """\
import importlib
T = {"i": importlib.import_module}
T["i"]("shop.api")  # <-
""",
    "a function from a lambda": """\
(lambda: __import__)()("shop.api")  # <-
""",
    "a function in a list": """\
import importlib
[importlib.import_module][0]("shop.api")  # <-
""",
    "importlib by the import function": """\
__import__("importlib").import_module("shop.api")  # <-
""",
    "importlib by the import function, in a variable": """\
im = __import__("importlib").import_module
im("shop.api")  # <-
""",
    "importlib from the loaded modules": """\
import sys
sys.modules["importlib"].import_module("shop.api")  # <-
""",
    "a dedented block": '''\
import textwrap
exec(textwrap.dedent("""  # <-
    import shop.api
"""))
''',
    "joined lines of code": """\
exec("\\n".join(["import os", "import shop.api"]))  # <-
""",
    "eval of compiled code": """\
eval(compile("__import__('shop.api')", "", "eval"))  # <-
""",
    "code in a constant": """\
CODE = "import shop.api"
def f():
    exec(CODE, {})  # <-
""",
    "two modules in one import": """\
import shop.domain as d, shop.api as a  # <-
""",
    "a lazy attribute of one module": """\
import importlib
def __getattr__(name):
    return getattr(importlib.import_module("shop.api"), name)  # <-
""",
    "a lazy attribute by lambda": """\
import importlib
__getattr__ = lambda name: importlib.import_module(f"shop.api.{name}")  # <-
""",
    "names of a module as globals": """\
import importlib
globals().update(vars(importlib.import_module("shop.api")))  # <-
""",
    "the default of a setting": """\
import importlib, os
importlib.import_module(os.environ.get("M", "shop.api"))  # <-
importlib.import_module(os.getenv("M", "shop.api"))  # <-
""",
    "dots by number": """\
import importlib
importlib.import_module("." * 2 + "api", __package__)  # <-
""",
    "methods of str": """\
import importlib
importlib.import_module(str.join(".", ("shop", "api")))  # <-
importlib.import_module(str.format("{}.api", "shop"))  # <-
importlib.import_module("shop".__add__(".api"))  # <-
""",
    "add of operator": """\
import importlib, operator
importlib.import_module(operator.add("shop", ".api"))  # <-
""",
    "format of a list": """\
import importlib
P = ("shop", "api")
importlib.import_module("{0}.{1}".format(*P))  # <-
""",
    "f-strings with conversions": """\
import importlib
L = "api"
importlib.import_module(f"{'shop'}.{L!s}")  # <-
importlib.import_module(f"shop.{L:s}")  # <-
""",
    "a loaded module by own name": """\
import sys
sys.modules.get(f"{__name__.split('.')[0]}.api")  # <-
""",
    "constants of a class": """\
import importlib
class C:
    LAYER = "api"
    MODULE = f"shop.{LAYER}"
    def go(self):
        return importlib.import_module(self.MODULE)  # <-
""",
    "a template": """\
import importlib
from string import Template
importlib.import_module(Template("$p.api").substitute(p="shop"))  # <-
""",
    "an annotated constant": """\
import importlib
from typing import Final
NAME: Final = "shop.api"
importlib.import_module(NAME)  # <-
""",
    "a global that a function sets": """\
import importlib
NAME = None
def set_it():
    global NAME
    NAME = "shop.api"
def go():
    importlib.import_module(NAME)  # <-
""",
    "layers in a loop": """\
import importlib
for layer in ["api", "infrastructure"]:
    importlib.import_module("shop." + layer)  # <- 2
""",
    "a loop with numbers": """\
import importlib
for i, name in enumerate(["json", "shop.api"]):
    importlib.import_module(name)  # <-
""",
    "a loop over two lists": """\
import importlib
for k, name in zip("ab", ["json", "shop.api"]):
    importlib.import_module(name)  # <-
""",
    "a loop over pairs": """\
import importlib
for k, name in [("a", "json"), ("b", "shop.api")]:
    importlib.import_module(name)  # <-
""",
    "resources of a module": """\
from importlib import resources
import shop.domain
resources.files(shop.api)  # <-
""",
    "resources listed": """\
from importlib import resources
resources.contents("shop.api")  # <-
resources.is_resource("shop.api", "x")  # <-
""",
    "resources by pkg_resources": """\
import pkg_resources
pkg_resources.resource_string("shop.api", "x")  # <-
pkg_resources.resource_filename("shop", "api/x")  # <-
""",
    "run_path beside this file": """\
import runpy
from pathlib import Path
runpy.run_path(str(Path(__file__).parents[1] / "api" / "routes.py"))  # <-
""",
    "relative, three up": """\
=== shop/domain/deep/x.py
from ... import api  # <-
""",
    "reload of an attribute": """\
import importlib, shop
importlib.reload(shop.api)  # <-
""",
    "attributes by a method": """\
import shop
shop.__getattribute__("api")  # <-
""",
    "attributes in eval": """\
import shop
eval("shop.api.routes")  # <-
""",
    "names of the import function, then an attribute": """\
__import__("shop.api", fromlist=["routes"]).routes  # <-
""",
    "the import function by getattr of the table": """\
getattr(__builtins__, "__import__")("shop.api")  # <-
__builtins__.__dict__["__import__"]("shop.api")  # <-
""",
    "the import function by get": """\
import builtins
builtins.__dict__.get("__import__")("shop.api")  # <-
""",
    "importlib in a variable": """\
import importlib
il = importlib
il.import_module("shop.api")  # <-
""",
    "suppressed": """\
from contextlib import suppress
with suppress(ImportError):
    import shop.api  # <-
""",
    "arguments in variables": """\
import importlib
KW = {"name": "shop.api"}
A = ("shop.api",)
importlib.import_module(**KW)  # <-
importlib.import_module(*A)  # <-
""",
    "partial of the import function": """\
import functools
functools.partial(__import__, "shop.api")()  # <-
""",
    "partial of nothing": """\
import importlib
from functools import partial
partial(importlib.import_module)("shop.api")  # <-
""",
    "a cached import_module": """\
import importlib, functools
load = functools.lru_cache(importlib.import_module)
load("shop.api")  # <-
functools.lru_cache(maxsize=None)(importlib.import_module)("shop.api")  # <-
functools.cache(importlib.import_module)("shop.api")  # <-
""",
    "a cached function": """\
import importlib, functools
@functools.cache
def load(name):
    return importlib.import_module(name)  # <-
load("shop.api")
""",
    "handed to an executor": """\
import importlib
def f(executor):
    executor.submit(importlib.import_module, "shop.api")  # <-
""",
    "handed to a thread": """\
import importlib, threading
threading.Thread(target=importlib.import_module, args=("shop.api",)).start()  # <-
""",
    "a lambda that is mapped": """\
import importlib
M = [*map(lambda n: importlib.import_module(n), ["json", "shop.api"])]  # <-
""",
    "a function that is mapped": """\
import importlib
def load(n):
    return importlib.import_module(n)  # <-
M = [*map(load, ["json", "shop.api"])]
""",
    "exec by getattr of parts": """\
import builtins
getattr(builtins, "ex" + "ec")("import shop.api")  # <-
""",
    "exec in a table": """\
__builtins__["exec"]("import shop.api")  # <-
""",
    "a resolved name": """\
import importlib.util
importlib.import_module(importlib.util.resolve_name("..api", __package__))  # <-
""",
    "own loader": """\
__loader__.load_module("shop.api")  # <-
__spec__.loader.load_module("shop.api")  # <-
""",
    "a finder": """\
import sys
sys.meta_path[0].find_spec("shop.api", None)  # <-
for f in sys.meta_path:
    f.find_spec("shop.api", None)  # <-
""",
    "importlib of another module": """\
import inspect, os
inspect.importlib.import_module("shop.api")  # <-
os.sys.modules["shop.api"]  # <-
""",
    "a facade that is a package": """\
from shop.facade import x  # <-
=== shop/facade/__init__.py
from .inner import x
=== shop/facade/inner.py
from ..api.routes import x
""",
    "a facade with a variable": """\
from shop.facade import show  # <-
=== shop/facade.py
import shop.api.routes as r
show = r.x
""",
    "a facade with a base class": """\
from shop.facade import Base  # <-
=== shop/facade.py
from shop.api import routes
class Base(routes.Base): ...
""",
    "a facade, relative": """\
from ..facade import x  # <-
=== shop/facade.py
from .api.routes import x
""",
    "a facade in a function": """\
def f():
    from shop.facade import x  # <-
    return x
=== shop/facade.py
from .api.routes import x
""",
    "a facade with a fallback": """\
from shop.facade import x  # <-
=== shop/facade.py
try:
    from .api.routes import x
except ImportError:
    x = None
""",
    "two names of a facade": """\
from shop.facade import x, y  # <-
=== shop/facade.py
from .api.routes import x, y
""",
    "two names of the package": """\
from shop import x, y  # <-
=== shop/__init__.py
from .api.routes import x, y
""",
    "a facade of a facade of everything": """\
from shop.facade import x  # <-
=== shop/facade.py
from shop.inner import *
=== shop/inner.py
from shop.api.routes import *
""",
    "a facade of a whole package": """\
from shop.facade import s
s.api.routes.x()  # <-
=== shop/facade.py
import shop as s
""",
    "a facade that execs": """\
from shop.facade import routes  # <-
=== shop/facade.py
exec("from shop.api import routes")
""",
    "the root for type checkers": """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.main import App  # <-
=== shop/main.py
from shop.api import routes
class App: ...
""",
    "the root from the loaded modules": """\
import sys
sys.modules["shop.main"].routes  # <-
=== shop/main.py
from shop.api import routes
""",
    "the root, relative": """\
from ..main import app  # <-
=== shop/main.py
from shop.api import routes
app = 1
""",
    "the root that loads by name": """\
from shop.main import app  # <-
=== shop/main.py
import importlib
def app():
    return importlib.import_module("shop.api.routes")
""",
    "a facade of the root": """\
from shop.facade import app  # <-
=== shop/facade.py
from shop.main import app
=== shop/main.py
from shop.api import routes
app = 1
""",
    "a facade of the root that wires in a function": """\
from shop.facade import build  # <-
=== shop/facade.py
from shop.main import build
=== shop/main.py
def build():
    from shop.api import routes
    return routes
""",
    "through the root by the package": """\
import shop
shop.main.routes.x()  # <-
=== shop/main.py
from shop.api import routes
""",
    "import_module of a compat module": """\
from shop import compat
compat.load("shop.api")  # <-
=== shop/compat.py
from importlib import import_module as load
""",
    "import_module of a compat module, assigned": """\
from shop.compat import load
load("shop.api")  # <-
=== shop/compat.py
import importlib
load = importlib.import_module
""",
    "in a doctest-like function": '''\
def f():
    """>>> import os"""
    import shop.api as a  # <-
''',
    "a name with escapes": """\
import importlib
importlib.import_module("\\x73\\x68\\x6f\\x70.api")  # <-
""",
    "fullwidth letters": """\
ｉｍｐ = __import__("shop.api")  # <-
ｅｘｅｃ("import shop.api")  # <-
import shop.ａｐｉ  # <-
""",
    "tabs": """\
if 1:
	import	shop.api  # <-
""",
    "parenthesised names with comments": """\
from shop import (  # the (
    domain,  # ) own
    api,  # <-
)
""",
    "a comment behind": """\
from shop import api  # noqa  # <-
""",
    "nested functions": """\
def f():
    def g():
        class A:
            def h(self):
                import shop.api as a  # <-
""",
    "in a finally": """\
try:
    pass
finally:
    import shop.api  # <-
""",
    "in an else of a loop": """\
for i in []:
    pass
else:
    import shop.api  # <-
""",
    "in a decorator": """\
import importlib
@importlib.import_module("shop.api").deco  # <-
def f(): ...
""",
    "in a default": """\
import importlib
def f(x=importlib.import_module("shop.api")): ...  # <-
""",
    "in an f-string": """\
print(f"{__import__('shop.api')}")  # <-
""",
    "in a lambda": """\
f = lambda: __import__("shop.api")  # <-
""",
    "in a conditional expression": """\
x = __import__("shop.api") if True else None  # <-
""",
    "a string prefix": '''\
__import__(r"shop.api")  # <-
__import__("""shop.api""")  # <-
''',
    "partition of a longer text": """\
import importlib
importlib.import_module("shop.api:x".partition(":")[0])  # <-
importlib.import_module("shop.api:x".split(":")[0])  # <-
""",
    "two texts for one name": """\
import importlib, os
if os.sep == "/":
    name = "json"
else:
    name = "shop.api"
importlib.import_module(name)  # <-
""",
    "entry point": """\
from importlib.metadata import EntryPoint
EntryPoint("x", "shop.api.routes:x", "g").load()  # <-
""",
    "a list that is added to": """\
import importlib
NAMES = ["json"]
NAMES.append("shop.api")
for n in NAMES:
    importlib.import_module(n)  # <-
""",
    "a dict that is added to": """\
import importlib
T = {}
T["r"] = "shop.api"
importlib.import_module(T["r"])  # <-
""",
    "a named tuple's default": """\
import importlib
from dataclasses import dataclass
@dataclass
class C:
    module: str = "shop.api"
importlib.import_module(C().module)  # <-
""",
    "an argument of a class": """\
import importlib
class Lazy:
    def __init__(self, name):
        self.name = name
    def load(self):
        return importlib.import_module(self.name)  # <-
routes = Lazy("shop.api.routes")
""",
    "an argument by keyword": """\
import importlib
def load(*, module):
    return importlib.import_module(module)  # <-
load(module="shop.api")
""",
    "an argument handed on": """\
import importlib
def load(module):
    return importlib.import_module(module)  # <-
def get(name):
    return load("shop." + name)
get("api")
""",
    "arguments by star": """\
import importlib
def load(*parts):
    return importlib.import_module(".".join(parts))  # <-
load("shop", "api")
""",
    "type alias": """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import shop
    X = shop.api.routes.X  # <-
""",
    "an instance of a facade's class": """\
from shop.facade import mailer  # <-
=== shop/facade.py
class Mailer:
    def send(self):
        from shop.api import routes
        return routes
mailer = Mailer()
""",
    "a facade's name for a class": """\
from shop.facade import M  # <-
=== shop/facade.py
class Mailer:
    def send(self):
        if True:
            import shop.api.routes as r
        return r
M = Mailer
""",
    "a facade that imports in a class": """\
from shop.facade import Other  # <-
=== shop/facade.py
class Mailer:
    from shop.api import routes
class Other: ...
""",
    "an empty package in between": """\
import shop
shop.main.routes.x()  # <-
=== shop/__init__.py
=== shop/main.py
from shop.api import routes
""",
    "resources joined, and not read": """\
from importlib.resources import files
files("shop").joinpath("api")  # <-
""",
    "resources divided, and not read": """\
from importlib.resources import files
p = files("shop") / "api"  # <-
""",
    "resources divided, and read later": """\
from importlib.resources import files
p = files("shop") / "api" / "x.json"  # <-
p.read_text()
""",
    "resources as a file": """\
from importlib.resources import files, as_file
with as_file(files("shop") / "api") as p:  # <-
    pass
""",
    "resources of the package in a variable": """\
import importlib.resources as res
root = res.files("shop")
data = root.joinpath("api/x.json").read_text()  # <-
""",
    "resources of the imported package": """\
from importlib import resources
import shop
resources.files(shop).joinpath("api", "x")  # <-
""",
    "resources by several names": """\
from importlib import resources
resources.read_text("shop", "api", "x.json")  # <-
""",
    "a patch": """\
from unittest import mock
mock.patch("shop.api.routes.x")  # <-
""",
    "a patch as a decorator": """\
from unittest.mock import patch
@patch("shop.api.routes.x")  # <-
def f(m): ...
""",
    "a patch in a with": """\
from unittest.mock import patch
def f():
    with patch("shop.api.routes.x") as m:  # <-
        pass
""",
    "a patch of a dict": """\
from unittest.mock import patch
patch.dict("shop.api.routes.T", {})  # <-
""",
    "a patch of several things": """\
from unittest.mock import patch
patch.multiple("shop.api.routes", x=1)  # <-
""",
    "a patch of an object": """\
from unittest.mock import patch
import shop
patch.object(shop.api.routes, "x")  # <-
""",
    "a fixture that patches": """\
def test(monkeypatch):
    monkeypatch.setattr("shop.api.routes.x", 1)  # <-
""",
    "code for another process": """\
import subprocess, sys
subprocess.run([sys.executable, "-c", "import shop.api"])  # <-
""",
    "a module for another process": """\
import subprocess, sys
subprocess.run([sys.executable, "-m", "shop.api.routes"])  # <-
""",
    "a module for another process, by its name": """\
from subprocess import check_output
check_output(["python3", "-m", "shop.api.routes"])  # <-
""",
    "a module for a shell": """\
import subprocess
subprocess.run("python -m shop.api.routes", shell=True)  # <-
""",
    "a file for another process": """\
import subprocess, sys
subprocess.run([sys.executable, "shop/api/routes.py"])  # <-
""",
    "a module for the system": """\
import os
os.system("python -m shop.api.routes")  # <-
""",
    "a module in place of this process": """\
import os, sys
os.execv(sys.executable, [sys.executable, "-m", "shop.api.routes"])  # <-
""",
    "a helper that imports": """\
from shop.util import load
load("shop.api.routes")  # <-
=== shop/util.py
import importlib
def load(name):
    return importlib.import_module(name)
""",
    "a helper that imports, of a module": """\
from shop import util
util.load("shop.api.routes")  # <-
=== shop/util.py
import importlib
def load(name):
    return importlib.import_module(name)
""",
    "a helper that imports, by keyword": """\
from shop import util
util.load(name="shop.api.routes")  # <-
=== shop/util.py
import importlib
def load(name):
    return importlib.import_module(name)
""",
    "a helper that imports a constant": """\
from shop.util import load
T = "shop.api.routes"
load(T)  # <-
=== shop/util.py
import importlib
def load(name):
    return importlib.import_module(name)
""",
    "a helper that imports, behind another": """\
from shop.util import load as l
l("shop.api.routes")  # <-
=== shop/util.py
from shop.inner import load
=== shop/inner.py
import importlib
load = lambda n: importlib.import_module(n)
""",
    "a helper that imports an attribute": """\
from shop.util import load_attr
load_attr("shop.api.routes:x")  # <-
=== shop/util.py
import importlib
def load_attr(path):
    module, _, attr = path.partition(":")
    return getattr(importlib.import_module(module), attr)
""",
    "a helper that imports the last part": """\
from shop.util import import_string
import_string("shop.api.routes.x")  # <-
=== shop/util.py
from importlib import import_module
def import_string(path):
    module, attr = path.rsplit(".", 1)
    return getattr(import_module(module), attr)
""",
    "a helper with the import function": """\
from shop.util import load
load("shop.api")  # <-
=== shop/util.py
def load(name):
    return __import__(name)
""",
    "a helper with two arguments": """\
from shop.util import load
load("shop.api", "x")  # <-
=== shop/util.py
import importlib
def load(module, attr):
    return getattr(importlib.import_module(module), attr)
""",
    "a helper that is a class": """\
from shop.util import Lazy
x = Lazy("shop.api.routes")  # <-
=== shop/util.py
import importlib
class Lazy:
    def __init__(self, name):
        self.name = name
    def get(self):
        return importlib.import_module(self.name)
""",
    "a helper that puts the package before": """\
from shop.util import load
load("api")  # <-
=== shop/util.py
import importlib
def load(name):
    return importlib.import_module("shop." + name)
""",
    "a helper with an f-string": """\
from shop.util import load
load("api")  # <-
=== shop/util.py
import importlib
def load(name):
    return importlib.import_module(f"shop.{name}")
""",
    "a helper of a layer that it may import": """\
=== shop/application/s.py
from shop.domain.util import load
load("shop.api.routes")  # <-
=== shop/domain/util.py
import importlib
def load(name):
    return importlib.import_module(name)
""",
    "a helper of the own layer": """\
from shop.domain.util import load
load("shop.api.routes")  # <-
=== shop/domain/util.py
import importlib
def load(name):
    return importlib.import_module(name)
""",
    "everything of the package, then an attribute": """\
from shop import *
api.routes.x()  # <-
=== shop/__init__.py
from . import domain
""",
    "everything of the package by its list, then an attribute": """\
from shop import *  # <-
api.routes.x()  # <-
=== shop/__init__.py
__all__ = ["api"]
""",
    "import_module by methodcaller": """\
import operator, importlib
operator.methodcaller("import_module", "shop.api")(importlib)  # <-
""",
    "attrgetter by its name": """\
import shop
from operator import attrgetter
attrgetter("api.routes")(shop)  # <-
""",
    "an attribute by two getattr": """\
import shop
getattr(getattr(shop, "api"), "routes")  # <-
""",
    "a lambda that is called": """\
(lambda: __import__("shop.api"))()  # <-
""",
    "eval with a function": """\
import importlib
eval("m('shop.api')", {"m": importlib.import_module})  # <-
""",
    "eval with a name": """\
eval("__import__(n)", {"n": "shop.api"})  # <-
""",
    "exec with a name": """\
exec("import importlib; importlib.import_module(n)", {"n": "shop.api"})  # <-
""",
    "eval of a name": """\
from importlib import import_module
eval("import_module")("shop.api")  # <-
""",
    "eval of the import function": """\
eval("__import__")("shop.api")  # <-
""",
    "a zip importer": """\
import zipimport
zipimport.zipimporter("shop/api")  # <-
""",
    "a zip importer that loads": """\
import zipimport
zipimport.zipimporter("lib.zip").load_module("shop.api")  # <-
""",
    "a zip importer that finds": """\
from zipimport import zipimporter
z = zipimporter("lib.zip")
z.find_spec("shop.api")  # <-
""",
    "the loader of another module": """\
import shop
shop.__spec__.loader.load_module("shop.api")  # <-
""",
    "a loader of source by its name": """\
import importlib.machinery
importlib.machinery.SourceFileLoader("shop.api.routes", "x.py").load_module()  # <-
""",
    "a loader of source by keyword": """\
from importlib.machinery import SourceFileLoader
import types
l = SourceFileLoader(fullname="x", path="shop/api/routes.py")  # <-
m = types.ModuleType(l.name)
l.exec_module(m)
""",
    "an interpreter": """\
import code
code.InteractiveInterpreter().runsource("import shop.api")  # <-
""",
    "a console": """\
import code
code.InteractiveConsole().push("import shop.api")  # <-
""",
    "an interpreter in a variable": """\
from code import InteractiveInterpreter
i = InteractiveInterpreter()
i.runcode(compile("import shop.api", "x", "exec"))  # <-
""",
    "a compiled command": """\
import codeop
exec(codeop.compile_command("import shop.api"))  # <-
""",
    "attributes by reduce": """\
import functools, shop
functools.reduce(getattr, "api.routes".split("."), shop)  # <-
""",
    "attributes by reduce of a list": """\
from functools import reduce
import shop
reduce(getattr, ["api", "routes"], shop)  # <-
""",
    "attributes by reduce of what is imported": """\
from functools import reduce
reduce(getattr, ["api", "routes"], __import__("shop"))  # <-
""",
    "in a loop over a set": """\
from importlib import import_module
for m in {"shop.api", "json"}:
    import_module(m)  # <-
""",
    "in a loop over the keys of a dict": """\
from importlib import import_module
for m in {"shop.api": 1}:
    import_module(m)  # <-
""",
    "in a loop of an f-string": """\
import importlib
for layer in ("api", "json"):
    importlib.import_module(f"shop.{layer}.routes")  # <-
""",
    "in a loop that takes names off": """\
import importlib
names = ["shop.api"]
while names:
    importlib.import_module(names.pop())  # <-
""",
    "join of a generator": """\
import importlib
importlib.import_module(".".join(p for p in ("shop", "api")))  # <-
""",
    "letters by number, mapped": """\
import importlib
importlib.import_module("".join(map(chr, [115, 104, 111, 112, 46, 97, 112, 105])))  # <-
""",
    "letters by number, in a comprehension": """\
import importlib
importlib.import_module("".join(chr(c) for c in [115, 104, 111, 112, 46, 97, 112, 105]))  # <-
""",
    "loaded modules by itemgetter": """\
import sys, operator
operator.itemgetter("shop.api")(sys.modules)  # <-
""",
    "loaded modules by their method": """\
import sys
sys.modules.__getitem__("shop.api")  # <-
""",
    "loaded modules by getitem": """\
import sys, operator
operator.getitem(sys.modules, "shop.api")  # <-
""",
    "loaded modules by the method of a dict": """\
import sys
dict.get(sys.modules, "shop.api")  # <-
""",
    "a removed module that is used": """\
import sys
m = sys.modules.pop("shop.api")  # <-
m.x()
""",
    "documentation": """\
import pydoc
pydoc.render_doc("shop.api.routes")  # <-
""",
    "entry point by keywords": """\
from importlib.metadata import EntryPoint
EntryPoint(name="x", group="g", value="shop.api:db").load()  # <-
""",
    "import_string of a framework": """\
from django.utils.module_loading import import_string
import_string("shop.api.routes.x")  # <-
""",
    "import or skip": """\
import pytest
pytest.importorskip("shop.api")  # <-
""",
    "a module from a spec": """\
import importlib.util
m = importlib.util.module_from_spec(importlib.util.find_spec("shop.api"))  # <-
""",
    "a facade that is lazy for everything": """\
from shop.facade import anything  # <-
=== shop/facade.py
def __getattr__(name):
    import importlib
    return getattr(importlib.import_module("shop.api.routes"), name)
""",
    "a lazy attribute of the package": """\
from shop import routes  # <-
=== shop/__init__.py
def __getattr__(name):
    if name == "routes":
        from shop.api import routes
        return routes
    raise AttributeError(name)
""",
    "a lazy attribute of the package, by attribute": """\
import shop
shop.routes  # <-
=== shop/__init__.py
def __getattr__(name):
    if name == "routes":
        from shop.api import routes
        return routes
    raise AttributeError(name)
""",
    "a lazy attribute of the package with a table": """\
from shop import routes  # <-
=== shop/__init__.py
import importlib
_lazy = {"routes": ".api.routes"}
def __getattr__(name):
    if name in _lazy:
        return importlib.import_module(_lazy[name], __name__)
    raise AttributeError(name)
""",
    "everything of a lazy facade": """\
from shop.facade import *  # <-
=== shop/facade.py
__all__ = ["routes"]
def __getattr__(name):
    from shop.api import routes
    return routes
""",
    "this module replaced by another": """\
import sys
sys.modules[__name__] = __import__("shop.api")  # <-
""",
    "type checking else": """\
from __future__ import annotations
import typing as t
if t.TYPE_CHECKING:
    from shop.infrastructure.db import Session  # <-
def f(s: Session): ...
""",
    "if False": """\
if False:
    import shop.api.routes  # <-
""",
    "try star": """\
try:
    from shop.api import routes  # <-
except* ImportError:
    routes = None
""",
    "nested try else": """\
try:
    pass
except Exception:
    pass
else:
    from shop import api  # <-
""",
    "class body alias": """\
class Service:
    import shop.api.routes as routes  # <-
    handler = routes.x
""",
    "method": """\
class Service:
    @classmethod
    def make(cls):
        from shop.infrastructure.db import x  # <-
        return x
""",
    "while": """\
while True:
    import shop.api  # <-
    break
""",
    "relative: dot only": """\
from .. import infrastructure as infra  # <-
""",
    "relative: deep package": """\
=== shop/domain/a/b/c.py
from ....infrastructure import db  # <-
""",
    "relative: deep init": """\
=== shop/domain/a/__init__.py
from ...infrastructure.db import x  # <-
""",
    "relative: star": """\
from ..infrastructure import *  # <-
""",
    "import_module: by keyword package": """\
from importlib import import_module
import_module(package="shop.domain", name="..api.routes")  # <-
""",
    "import_module: chain": """\
import importlib
importlib.import_module("shop").api.routes  # <-
""",
    "import_module: getattr chain": """\
import importlib
getattr(importlib.import_module("shop"), "api")  # <-
""",
    "an alias: via tuple": """\
import importlib
im, x = importlib.import_module, 1
im("shop.api")  # <-
""",
    "an alias: via class attribute": """\
import importlib
class L:
    load = importlib.import_module
L.load("shop.api")  # <-
""",
    "an alias: via self": """\
import importlib
class L:
    def __init__(self):
        self._load = importlib.import_module
    def go(self):
        return self._load("shop.api")  # <-
""",
    "an alias: default arg": """\
import importlib
def go(name, load=importlib.import_module):
    return load(name)  # <-
go("shop.api")
""",
    "alias global": """\
import importlib
def setup():
    global load
    load = importlib.import_module
def go():
    load("shop.api")  # <-
""",
    "alias walrus": """\
import importlib
(load := importlib.import_module)("shop.api")  # <-
""",
    "alias conditional": """\
import importlib
load = importlib.import_module if True else __import__
load("shop.api")  # <-
""",
    "alias import importlib.util as": """\
import importlib.util as iu
spec = iu.find_spec("shop.infrastructure.db")  # <-
mod = iu.module_from_spec(spec)
spec.loader.exec_module(mod)
""",
    "a helper: concat": """\
import importlib.util
BASE = "shop"
importlib.util.find_spec(BASE + ".api")  # <-
""",
    "the import function: with fromlist tuple": """\
__import__("shop", globals(), locals(), ("api",), 0)  # <-
""",
    "the import function: star": """\
__import__("shop.api.routes", {}, {}, ["*"])  # <-
""",
    "the import function: by keyword": """\
__import__(name="shop.api")  # <-
""",
    "the import function: var": """\
imp = __builtins__.__import__
imp("shop.api")  # <-
""",
    "the import function: getattr text": """\
getattr(__builtins__, "__imp" + "ort__")("shop.api")  # <-
""",
    "the import function: through sys.modules": """\
import sys
sys.modules["builtins"].__import__("shop.api")  # <-
""",
    "the import function: then sys.modules": """\
import sys
__import__("json")
m = sys.modules["shop" + ".api"]  # <-
""",
    "loaded modules: for": """\
import sys
for n in ("shop.api",):
    sys.modules[n].x()  # <-
""",
    "loaded modules: alias from": """\
from sys import modules as m
m["shop.api"]  # <-
""",
    "loaded modules: get default": """\
import sys
x = sys.modules.get("shop.infrastructure.db", None)  # <-
""",
    "loaded modules: items": """\
import sys
x = {**sys.modules}["shop.api"]  # <-
""",
    "loaded modules: dict": """\
import sys
x = dict(sys.modules)["shop.api"]  # <-
""",
    "loaded modules: copy": """\
import sys
x = sys.modules.copy()["shop.api"]  # <-
""",
    "loaded modules: name replace": """\
import sys
sys.modules[__name__.replace("domain", "infrastructure")]  # <-
""",
    "loaded modules: package": """\
import sys
sys.modules["shop"].infrastructure.db  # <-
""",
    "loaded modules: vars": """\
import sys
vars(sys)["modules"]["shop.api"]  # <-
""",
    "concatenation: 3": """\
import importlib
A = "shop."
B = "in" + "fra"
importlib.import_module(A + B + "structure" + ".db")  # <-
""",
    "concatenation: in class": """\
import importlib
class C:
    A = "shop."
    def f(self):
        importlib.import_module(self.A + "api")  # <-
""",
    "an f-string: nested": """\
import importlib
PKG = "shop"
MOD = f"{PKG}.infrastructure"
importlib.import_module(f"{MOD}.db")  # <-
""",
    "an f-string: expr": """\
import importlib
importlib.import_module(f"{'sh' + 'op'}.{'API'.lower()}")  # <-
""",
    "an f-string: literal only": """\
import importlib
importlib.import_module(f"shop.api.routes")  # <-
""",
    "constant annotated class": """\
import importlib
class Config:
    module: str = "shop.api"

importlib.import_module(Config().module)  # <-
""",
    "constant function local": """\
import importlib
def f():
    name = "shop"
    name = name + ".api"
    return importlib.import_module(name)  # <-
""",
    "exec: multiline": '''\
code = """
import json
import shop.infrastructure.db as db
"""
exec(code)  # <-
''',
    "exec: dict": """\
ns = {}
exec("from shop.infrastructure import db", ns)  # <-
db = ns["db"]
""",
    "exec: compile": """\
exec(compile("from shop.api import routes", filename="<x>", mode="exec"))  # <-
""",
    "exec: compile by keyword": """\
exec(compile(source="from shop.api import routes", filename="<x>", mode="exec"))  # <-
""",
    "exec: importlib": """\
exec("import importlib; importlib.import_module('shop.api')")  # <-
""",
    "exec: function": """\
exec("def f():\\n    import shop.api\\n    return shop.api")  # <-
""",
    "exec: format": """\
exec("from {} import {}".format("shop.api", "routes"))  # <-
""",
    "exec: percent": """\
exec("import %s" % "shop.api")  # <-
""",
    "exec: concat constant": """\
MOD = "shop.api"
exec("import " + MOD)  # <-
""",
    "exec: class method": """\
class A:
    def run(self):
        exec("import shop.api")  # <-
""",
    "exec: try": """\
exec("try:\\n    import shop.api\\nexcept ImportError: pass")  # <-
""",
    "exec: alias": """\
e = __builtins__["exec"]
e("import shop.api")  # <-
""",
    "eval: import": """\
x = eval("__import__('shop.api', fromlist=['routes']).routes")  # <-
""",
    "eval: lambda": """\
f = eval("lambda: __import__('shop.api')")  # <-
""",
    "eval: concat": """\
eval("__import__('shop" + ".api')")  # <-
""",
    "resources: contents": """\
import importlib.resources as pkg
pkg.open_binary("shop.infrastructure", "schema.sql")  # <-
""",
    "resources: files constant": """\
from importlib.resources import files
PKG = "shop.infrastructure"
files(PKG).joinpath("schema.sql").read_text()  # <-
""",
    "resources: files module": """\
from importlib.resources import files
import shop
files(shop.infrastructure)  # <-
""",
    "resources: import": """\
import importlib.resources
importlib.resources.files("shop.infrastructure")  # <-
""",
    "resources: backport": """\
import importlib_resources
importlib_resources.files("shop.api")  # <-
""",
    "pkgutil: get_data var": """\
import pkgutil
data = pkgutil.get_data("shop." + "api", "x")  # <-
""",
    "pkgutil: iter": """\
import pkgutil
from shop import domain
import shop
list(pkgutil.iter_modules(shop.infrastructure.__path__))  # <-
""",
    "pkgutil: resolve": """\
from pkgutil import resolve_name as rn
rn("shop.infrastructure.db:x")  # <-
""",
    "pkgutil: loader": """\
import pkgutil
pkgutil.find_loader("shop.api").load_module("shop.api")  # <-
""",
    "runpy: module alias": """\
import runpy as r
r.run_module("shop.infrastructure.db")  # <-
""",
    "runpy: path f": """\
import runpy
runpy.run_path(f"shop/{'api'}/routes.py")  # <-
""",
    "runpy: run_path os": """\
import runpy, os
runpy.run_path(os.path.join("shop", "api", "routes.py"))  # <-
""",
    "runpy: run_path parent": """\
import runpy, pathlib
runpy.run_path(pathlib.Path(__file__).parent.parent / "api" / "routes.py")  # <-
""",
    "lazy: getattr dict": """\
def __getattr__(name):
    import importlib
    mapping = {"db": "shop.infrastructure.db"}
    return importlib.import_module(mapping[name])  # <-
""",
    "lazy: getattr get": """\
import importlib
_X = {"db": "shop.infrastructure.db"}
def __getattr__(name):
    target = _X.get(name)
    if target is None:
        raise AttributeError(name)
    module = importlib.import_module(target)  # <-
    globals()[name] = module
    return module
""",
    "lazy: getattr relative": """\
import importlib
_X = {"db": "..infrastructure.db"}
def __getattr__(name):
    return importlib.import_module(_X[name], __package__)  # <-
""",
    "lazy: class getattr": """\
import importlib
class Lazy:
    def __getattr__(self, name):
        return getattr(importlib.import_module("shop.infrastructure"), name)  # <-
""",
    "lazy: property": """\
class S:
    @property
    def db(self):
        from shop.infrastructure import db  # <-
        return db
""",
    "lazy: cached": """\
from functools import cached_property
class S:
    @cached_property
    def db(self):
        return __import__("shop.infrastructure.db")  # <-
""",
    "lazy: descriptor": """\
import importlib
class LazyModule:
    def __init__(self, name):
        self._name = name
    def __getattr__(self, attr):
        return getattr(importlib.import_module(self._name), attr)  # <-
db = LazyModule("shop.infrastructure.db")
""",
    "lazy: types.ModuleType": """\
import importlib, types
class Lazy(types.ModuleType):
    def __getattr__(self, attr):
        return getattr(importlib.import_module(self.__name__), attr)
importlib.import_module("shop.api")  # <-
""",
    "attributes: parent other import": """\
import shop.domain.model as m
import shop
shop.infrastructure.db.x  # <-
""",
    "attributes: parent from own": """\
import shop.domain

def f():
    return shop.api.routes.x()  # <-
""",
    "attributes: parent alias chain": """\
import shop as s
t = s
t.infrastructure.db.x()  # <-
""",
    "attributes: parent import alias function": """\
def f():
    import shop
    return shop.api.routes  # <-
""",
    "attributes: setattr": """\
import shop
shop.api.routes.x = 1  # <-
""",
    "attributes: del": """\
import shop
del shop.api.routes.x  # <-
""",
    "attributes: decorator": """\
import shop
@shop.api.routes.deco  # <-
def f(): ...
""",
    "attributes: lambda": """\
import shop
f = lambda: shop.api.routes.x  # <-
""",
    "attributes: except": """\
import shop
try:
    pass
except shop.api.Error:  # <-
    pass
""",
    "attributes: isinstance": """\
import shop
isinstance(1, shop.infrastructure.db.X)  # <-
""",
    "attributes: fstring": """\
import shop
f"{shop.api.y}"  # <-
""",
    "attributes: default": """\
import shop
def f(x=shop.api.y): ...  # <-
""",
    "attributes: match": """\
import shop
match 1:
    case shop.api.Y:  # <-
        pass
""",
    "a facade: outside 2": """\
from shop.compat.db import connect  # <-
=== shop/compat/__init__.py
=== shop/compat/db.py
from shop.infrastructure.db import x as connect
""",
    "a facade: star": """\
from shop.compat import *  # <-
=== shop/compat.py
from shop.infrastructure.db import *
__all__ = ["x"]
""",
    "a facade: alias": """\
import shop.compat as c  # <-
c.db.x()
=== shop/compat.py
import shop.infrastructure.db as db
""",
    "a facade: package init": """\
from facade import db  # <-
=== facade/__init__.py
from .inner import db
=== facade/inner.py
from shop.infrastructure import db
""",
    "a facade: relative import_module": """\
import importlib
importlib.import_module("..facade", __package__)  # <-
=== shop/facade.py
from shop.infrastructure import db
""",
    "a facade: in type checking": """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.facade import x  # <-
=== shop/facade.py
from shop.api.routes import x
""",
    "a facade: lazily function": """\
from shop import facade
def f():
    return facade.db()  # <-
=== shop/facade.py
def db():
    from shop.infrastructure import db
    return db
""",
    "a facade: class attribute": """\
from shop.facade import Container  # <-
=== shop/facade.py
from shop.infrastructure import db
class Container:
    db = db
""",
    "the root: function": """\
from shop.main import get_db  # <-
=== shop/main.py
from shop.infrastructure import db
def get_db():
    return db
""",
    "the root: lazily": """\
def f():
    import shop.main  # <-
    return shop.main.db
=== shop/main.py
from shop.infrastructure import db
""",
    "the root: sys.modules": """\
import sys
db = sys.modules["shop.main"].db  # <-
=== shop/main.py
from shop.infrastructure import db
""",
    "the root: attribute": """\
from shop import main  # <-
main.container.db
=== shop/main.py
from shop.infrastructure import db
class C:
    db = db
container = C()
""",
    "the root: star": """\
from shop.main import *  # <-
=== shop/main.py
from shop.api.routes import x
""",
    "everything: relative": """\
from ..api.routes import *  # <-
""",
    "everything: in try": """\
try:
    from shop.api import *  # <-
except ImportError:
    pass
""",
    "everything: of facade all": """\
from shop.facade import *  # <-
=== shop/facade.py
from shop.api import routes
__all__ = ("routes",)
""",
    "a helper: keyword only": """\
from shop.util import load
load(target="shop.api")  # <-
=== shop/util.py
import importlib
def load(*, target):
    return importlib.import_module(target)""",
    "a helper: star": """\
from shop.util import load
load("shop", "api")  # <-
=== shop/util.py
import importlib
def load(*parts):
    return importlib.import_module(".".join(parts))""",
    "a helper: sysmod": """\
from shop.util import get
get("shop.api")  # <-
=== shop/util.py
import sys
def get(name):
    return sys.modules[name]""",
    "a helper: exec": """\
from shop.util import run
run("import shop.api")  # <-
=== shop/util.py
def run(code):
    exec(code)""",
    "a helper: eval": """\
from shop.util import ev
ev("__import__('shop.api')")  # <-
=== shop/util.py
def ev(code):
    return eval(code)""",
    "a helper: files": """\
from shop.util import data
data("shop.api", "x.json")  # <-
=== shop/util.py
from importlib.resources import files
def data(pkg, name):
    return files(pkg).joinpath(name).read_text()""",
    "a helper: two functions": """\
from shop.util import load
load("shop.api")  # <-
=== shop/util.py
import importlib
def load(n):
    return _load(n)
def _load(name):
    return importlib.import_module(name)""",
    "a helper: method": """\
from shop.util import Loader
Loader.load("shop.api")  # <-
=== shop/util.py
import importlib
class Loader:
    @staticmethod
    def load(n):
        return importlib.import_module(n)""",
    "a helper: instance": """\
from shop.util import loader
loader.load("shop.api")  # <-
=== shop/util.py
import importlib
class Loader:
    def load(self, n):
        return importlib.import_module(n)
loader = Loader()""",
    "a helper: instance here": """\
from shop.util import Loader
Loader().load("shop.api")  # <-
=== shop/util.py
import importlib
class Loader:
    def load(self, n):
        return importlib.import_module(n)""",
    "a helper: alias here": """\
from shop.util import load
l = load
l("shop.api")  # <-
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: relative": """\
from ..util import load
load("shop.api")  # <-
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: in function": """\
def f():
    from shop.util import load
    return load("shop.api")  # <-
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: star import": """\
from shop.util import *
load("shop.api")  # <-
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: map": """\
from shop.util import load
list(map(load, ["shop.api"]))  # <-
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: partial": """\
from functools import partial
from shop.util import load
p = partial(load, "shop.api")  # <-
p()
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: loop": """\
from shop.util import load
for n in ("shop.api", "json"):
    load(n)  # <-
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: fstring": """\
from shop.util import load
L = "api"
load(f"shop.{L}")  # <-
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: decorated": """\
from shop.util import load
load("shop.api")  # <-
=== shop/util.py
import importlib, functools
@functools.lru_cache(maxsize=None)
def load(n):
    return importlib.import_module(n)""",
    "a helper: reexport by all": """\
from shop.util import load
load("shop.api")  # <-
=== shop/util/__init__.py
from .loading import load
__all__ = ["load"]
=== shop/util/loading.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: wrapper cross": """\
from shop.util import load2
load2("shop.api")  # <-
=== shop/util.py
from shop.inner import load
def load2(n):
    return load(n)
=== shop/inner.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: partial there": """\
from shop.util import load
load("shop.api")  # <-
=== shop/util.py
import importlib, functools
load = functools.partial(importlib.import_module, package=None)""",
    "the root: loader": """\
from shop.main import load
load("shop.api")  # <-
=== shop/main.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "the root: registry": """\
from shop.main import registry  # <-
registry["db"]
=== shop/main.py
from shop.infrastructure import db
registry = {"db": db}""",
    "a helper: lazy": """\
from shop.util import lazy
db = lazy("shop.infrastructure.db")  # <-
=== shop/util.py
import importlib
def lazy(name):
    class M:
        def __getattr__(self, a):
            return getattr(importlib.import_module(name), a)
    return M()""",
    "a helper: lambda closure": """\
from shop.util import lazy
db = lazy("shop.infrastructure.db")  # <-
=== shop/util.py
import importlib
def lazy(name):
    return lambda: importlib.import_module(name)""",
    "an f-string: format spec": """\
import importlib
importlib.import_module(f"shop.{'api':>3}")  # <-
""",
    "join split": """\
import importlib
importlib.import_module(".".join("shop api routes".split()))  # <-
""",
    "join path parts": """\
import importlib
from pathlib import PurePath
importlib.import_module(".".join(PurePath("shop/api").parts))  # <-
""",
    "os.sep": """\
import importlib, os
importlib.import_module("shop/api".replace(os.sep, "."))  # <-
""",
    "extsep": """\
import importlib, os
importlib.import_module("shop" + os.extsep + "api")  # <-
""",
    "strip suffix": """\
import importlib
importlib.import_module("shop.api.py".removesuffix(".py"))  # <-
""",
    "slice": """\
import importlib
importlib.import_module("xxshop.api"[2:])  # <-
""",
    "dict default": """\
import importlib
importlib.import_module({}.get("x", "shop.api"))  # <-
""",
    "tuple unpack": """\
import importlib
a, b = "shop", "api"
importlib.import_module(a + "." + b)  # <-
""",
    "tuple unpack constant": """\
import importlib
P = ("shop", "api")
a, b = P
importlib.import_module(f"{a}.{b}")  # <-
""",
    "everything: unpack": """\
import importlib
first, *rest = ["shop.api", "json"]
importlib.import_module(first)  # <-
""",
    "list mult": """\
import importlib
importlib.import_module("." .join(["shop"] + ["api"] * 1))  # <-
""",
    "nested function constant": """\
import importlib
def outer():
    name = "shop.api"
    def inner():
        return importlib.import_module(name)  # <-
    return inner
""",
    "nonlocal": """\
import importlib
def outer():
    name = None
    def setit():
        nonlocal name
        name = "shop.api"
    def inner():
        return importlib.import_module(name)  # <-
""",
    "lambda default": """\
import importlib
f = lambda n="shop.api": importlib.import_module(n)  # <-
""",
    "kwargs dict": """\
import importlib
opts = dict(name="shop.api")
importlib.import_module(**opts)  # <-
""",
    "with as": """\
import importlib, contextlib
with contextlib.nullcontext("shop.api") as n:
    importlib.import_module(n)  # <-
""",
    "function returning function": """\
import importlib
def loader():
    return importlib.import_module
loader()("shop.api")  # <-
""",
    "async": """\
import importlib, asyncio
async def f():
    await asyncio.to_thread(importlib.import_module, "shop.api")  # <-
""",
    "generator": """\
import importlib
def names():
    yield "shop.api"
for n in names():
    importlib.import_module(n)  # <-
""",
    "comprehension filter": """\
import importlib
[importlib.import_module(n) for n in ["shop.api", "json"] if n]  # <-
""",
    "nested comprehension": """\
import importlib
[importlib.import_module(f"{a}.{b}") for a in ["shop"] for b in ["api"]]  # <-
""",
    "dict comprehension key": """\
import importlib
T = {k: f"shop.{k}" for k in ("api", "infrastructure")}
importlib.import_module(T["api"])  # <-
""",
    "sorted": """\
import importlib
for n in sorted(["shop.api"]):
    importlib.import_module(n)  # <-
""",
    "any": """\
import importlib
any(importlib.import_module(n) for n in ("shop.api",))  # <-
""",
    "itertools chain": """\
import importlib, itertools
for n in itertools.chain(["json"], ["shop.api"]):
    importlib.import_module(n)  # <-
""",
    "product": """\
import importlib, itertools
for a, b in itertools.product(["shop"], ["api"]):
    importlib.import_module(f"{a}.{b}")  # <-
""",
    "dataclass field": """\
import importlib
from dataclasses import dataclass, field
@dataclass
class C:
    m: str = field(default="shop.api")
importlib.import_module(C().m)  # <-
""",
    "SimpleNamespace": """\
import importlib
from types import SimpleNamespace
cfg = SimpleNamespace(module="shop.api")
importlib.import_module(cfg.module)  # <-
""",
    "namedtuple, once more": """\
import importlib
from typing import NamedTuple
class P(NamedTuple):
    module: str
p = P("shop.api")
importlib.import_module(p.module)  # <-
""",
    "dataclass arg": """\
import importlib
from dataclasses import dataclass
@dataclass
class P:
    module: str
p = P("shop.api")
importlib.import_module(p.module)  # <-
""",
    "extend list": """\
import importlib
N = []
N.extend(["shop.api"])
for n in N:
    importlib.import_module(n)  # <-
""",
    "plus list": """\
import importlib
N = ["json"]
N += ["shop.api"]
for n in N:
    importlib.import_module(n)  # <-
""",
    "bytes hex": """\
import importlib
importlib.import_module(bytes.fromhex("73686f702e617069").decode())  # <-
""",
    "text bytes": """\
import importlib
importlib.import_module(str(b"shop.api", "utf-8"))  # <-
""",
    "re sub": """\
import importlib, re
importlib.import_module(re.sub("_", ".", "shop_api"))  # <-
""",
    "percent dict": """\
import importlib
D = {"layer": "api"}
importlib.import_module("shop.%(layer)s" % D)  # <-
""",
    "format index": """\
import importlib
importlib.import_module("{0[0]}.{0[1]}".format(["shop", "api"]))  # <-
""",
    "chained compare": """\
import importlib
name = "shop.api" or "json"
importlib.import_module(name)  # <-
""",
    "try assigned": """\
import importlib
try:
    name = "shop.api"
except Exception:
    name = "json"
importlib.import_module(name)  # <-
""",
    "importlib submodule attribute": """\
import importlib.util, importlib.abc
importlib.import_module("shop.api")  # <-
""",
    "contextlib suppress": """\
import contextlib, importlib
with contextlib.suppress(ImportError):
    importlib.import_module("shop.api")  # <-
""",
    "exec: in exec concat": """\
exec("ex" + "ec('import shop.api')")  # <-
""",
    "exec: lines": """\
exec("import os\\n" "import shop.api\\n")  # <-
""",
    "exec: via builtins getattr": """\
import builtins
run = getattr(builtins, "exec")
run("import shop.api")  # <-
""",
    "exec: map": """\
list(map(exec, ["import shop.api"]))  # <-
""",
    "exec: partial": """\
import functools
functools.partial(exec, "import shop.api")()  # <-
""",
    "subclass": """\
import importlib
class A:
    load = staticmethod(importlib.import_module)
class B(A): ...
B.load("shop.api")  # <-
""",
    "partialmethod": """\
import functools, importlib
load = functools.partial(importlib.import_module, name="shop.api")  # <-
load()
""",
    "subclasses": """\
import importlib
from importlib import machinery
machinery.PathFinder().find_spec("shop.api")  # <-
""",
    "pathfinder static": """\
from importlib.machinery import PathFinder
PathFinder.find_spec("shop.api")  # <-
""",
    "filefinder": """\
from importlib.machinery import FileFinder
FileFinder("shop/api").find_spec("routes")  # <-
""",
    "modulespec": """\
from importlib.machinery import ModuleSpec
import importlib.util
importlib.util.module_from_spec(ModuleSpec("shop.api", None))  # <-
""",
    "loader exec": """\
import importlib
spec = importlib.util.find_spec("shop.api")  # <-
spec.loader.load_module()
""",
    "resources: as_file": """\
from importlib import resources
with resources.as_file(resources.files("shop.api") / "x") as p:  # <-
    pass
""",
    "resources: text open": """\
from importlib import resources
open(str(resources.files("shop") / "api" / "x"))  # <-
""",
    "resources: fstring": """\
from importlib import resources
L = "api"
resources.files(f"shop.{L}")  # <-
""",
    "resources: open anchor module": """\
import importlib.resources
import shop
importlib.resources.open_text(shop.api, "x")  # <-
""",
    "multiprocessing": """\
import multiprocessing, importlib
multiprocessing.Process(target=importlib.import_module, args=("shop.api",)).start()  # <-
""",
    "pool map": """\
import importlib
def f(pool):
    pool.map(importlib.import_module, ["shop.api"])  # <-
""",
    "atexit": """\
import atexit, importlib
atexit.register(importlib.import_module, "shop.api")  # <-
""",
    "operator call": """\
import operator, importlib
operator.call(importlib.import_module, "shop.api")  # <-
""",
    "__call__": """\
import importlib
importlib.import_module.__call__("shop.api")  # <-
""",
    "inspect.getmodule": """\
import inspect, sys
inspect.getmodule(sys.modules["shop.api"])  # <-
""",
    "parent of a facade": """\
from shop.fac import leaf  # <-
=== shop/fac/__init__.py
import shop.api
=== shop/fac/leaf.py
X = 1
""",
    "parent of a facade, import": """\
import shop.fac.leaf  # <-
=== shop/fac/__init__.py
import shop.api
=== shop/fac/leaf.py
X = 1
""",
    "parent of a facade, name": """\
from shop.fac.leaf import X  # <-
=== shop/fac/__init__.py
import shop.api
=== shop/fac/leaf.py
X = 1
""",
    "parent of a facade, by name": """\
import importlib
importlib.import_module("shop.fac.leaf")  # <-
=== shop/fac/__init__.py
import shop.api
=== shop/fac/leaf.py
X = 1
""",
    "grandparent of a facade": """\
from shop.fac.inner.leaf import X  # <-
=== shop/fac/__init__.py
from shop.api import routes
=== shop/fac/inner/__init__.py
=== shop/fac/inner/leaf.py
X = 1
""",
    "parent of what a facade imports": """\
from shop.front import X  # <-
=== shop/front.py
from shop.fac.leaf import X
=== shop/fac/__init__.py
from shop.api import routes
=== shop/fac/leaf.py
X = 1
""",
    "parent by importlib": """\
from shop.fac.leaf import X  # <-
=== shop/fac/__init__.py
import importlib
importlib.import_module("shop.api")
=== shop/fac/leaf.py
X = 1
""",
    "star with a submodule": """\
from shop.fac import *  # <-
=== shop/fac/__init__.py
__all__ = ["x"]
=== shop/fac/x.py
from shop.api import routes
""",
    "star with a subpackage": """\
from shop.fac import *  # <-
=== shop/fac/__init__.py
__all__ = ("json", "x")
json = 1
=== shop/fac/x/__init__.py
=== shop/fac/x/y.py
=== shop/fac/x/__init__.py
from . import y, z
=== shop/fac/x/z.py
import shop.api.routes
""",
    "star, all grows": """\
from shop.fac import *  # <-
=== shop/fac/__init__.py
__all__ = ["y"]
y = 1
__all__ += ["x"]
=== shop/fac/x.py
from shop.api import routes
""",
    "star, all in a tuple joined": """\
from shop.fac import *  # <-
=== shop/fac/__init__.py
from shop.domain import model
__all__ = ["y"] + ["x"]
y = 1
=== shop/fac/x.py
from shop.api import routes
""",
    "star, all is extended": """\
from shop.fac import *  # <-
=== shop/fac/__init__.py
from shop.domain import model
__all__ = ["y"]
__all__.append("model")
__all__.extend(["x"])
y = 1
=== shop/fac/x.py
from shop.api import routes
""",
    "star, all of a module that imports otherwise": """\
from shop.fac import *  # <-
=== shop/fac/__init__.py
import importlib
importlib.import_module("json")
__all__ = ["y"]
__all__ += ["x"]
y = 1
=== shop/fac/x.py
from shop.api import routes
""",
    "star through a star": """\
from shop.front import *  # <-
=== shop/front.py
from shop.fac import *
=== shop/fac/__init__.py
__all__ = ["x"]
=== shop/fac/x.py
from shop.api import routes
""",
    "name after a star of submodules": """\
from shop.front import y  # <-
=== shop/front.py
from shop.fac import *
y = 1
=== shop/fac/__init__.py
__all__ = ["x"]
=== shop/fac/x.py
from shop.api import routes
""",
    "get: uses": """\
import sys
def f():
    return sys.modules.get("shop.api")  # <-
def g():
    r = sys.modules.get("shop.api")  # <-
    assert r is not None
    return r.routes
def h():
    if (m := sys.modules.get("shop.api")):  # <-
        m.routes.x()
x = sys.modules.get("shop.api") or 1  # <-
print(sys.modules.get("shop.api"))  # <-
if sys.modules.get("shop.api").routes:  # <-
    pass
if sys.modules.get("shop.api") is other:  # <-
    pass
class C:
    r = sys.modules.get("shop.api")  # <-
    assert r is None
def i():
    a, b = 1, sys.modules.get("shop.api")  # <-
    return a
def j():
    (m := sys.modules.get("shop.api"))  # <-
    return m is None
p = [sys.modules.get("shop.api")]  # <-
y = p and sys.modules.get("shop.api")  # <-
R = sys.modules.get("shop.api")  # <-
""",
    "get: a name of the module": """\
import sys
R = sys.modules.get("shop.api")  # <-
assert R is None
def f():
    return R
""",
    "subscript: only asks": """\
import sys
if sys.modules["shop.api"]:  # <-
    pass
""",
    "compile: the tree is run": """\
import ast
t = compile("import shop.api", "x", "exec", ast.PyCF_ONLY_AST)
exec(compile(t, "x", "exec"))  # <-
exec(compile("import shop.api", "x", "exec", ast.PyCF_TYPE_COMMENTS))  # <-
exec(compile("import shop.api", "x", "exec", 0))  # <-
exec(compile(ast.parse("import shop.api"), "x", "exec"))  # <-
""",
    "compile: flags are not known": """\
import ast, os
def f(flags):
    exec(compile("import shop.api", "x", "exec", flags))  # <-
    exec(compile("import shop.api", "x", "exec", flags | ast.PyCF_TYPE_COMMENTS))  # <-
""",
    "enum: iterated": """\
import enum, importlib
class M(enum.Enum):
    API = "shop.api"
    JSON = "json"
for m in M:
    importlib.import_module(m.value)  # <-
""",
    "enum: by name": """\
import importlib
from enum import Enum
class M(Enum):
    API = "shop.api"
importlib.import_module(M["API"].value)  # <-
importlib.import_module(M("shop.api").value)  # <-
importlib.import_module(M.API.value)  # <-
importlib.import_module(M.API._value_)  # <-
""",
    "enum: of strings": """\
import importlib
from enum import Enum, StrEnum
class M(StrEnum):
    API = "shop.api"
class N(str, Enum):
    API = "shop.api"
for m in M:
    importlib.import_module(m)  # <-
[importlib.import_module(n) for n in N]  # <-
for m in list(M):
    importlib.import_module(m.value)  # <-
for m in M.__members__.values():
    importlib.import_module(m.value)  # <-
for k, v in M.__members__.items():
    importlib.import_module(v)  # <-
""",
    "enum: in a method": """\
import importlib
from enum import Enum
class M(Enum):
    API = "shop.api"
    JSON = "json"
    def load(self):
        return importlib.import_module(self.value)  # <-
    @classmethod
    def all(cls):
        return [importlib.import_module(one.value) for one in cls]  # <-
""",
    "enum: of tuples": """\
import importlib
from enum import Enum
class M(Enum):
    API = ("shop.api", 1)
    JSON = ("json", 2)
for m in M:
    importlib.import_module(m.value[0])  # <-
""",
    "overridden attribute": """\
import importlib
class Base:
    target = "json"
    @classmethod
    def load(cls):
        return importlib.import_module(cls.target)  # <-
    def make(self):
        return importlib.import_module(self.target)  # <-
class Api(Base):
    target = "shop.api"
""",
    "overridden method": """\
import importlib
class Base:
    def name(self):
        raise NotImplementedError
    def load(self):
        return importlib.import_module(self.name())  # <-
class Middle(Base):
    pass
class Api(Middle):
    def name(self):
        return "shop.api"
""",
    "overridden declared": """\
import importlib
class Base:
    target: str
    def load(self):
        return importlib.import_module(self.target)  # <-
class Api(Base):
    target = "shop.api"
""",
    "property": """\
import functools, importlib
from functools import cached_property
class C:
    @property
    def name(self):
        return "shop.api"
    @functools.cached_property
    def other(self):
        return "shop.api"
    @cached_property
    def third(self):
        return "shop.api"
    def load(self):
        importlib.import_module(self.name)  # <-
        importlib.import_module(self.other)  # <-
        importlib.import_module(self.third)  # <-
importlib.import_module(C().name)  # <-
c = C()
importlib.import_module(c.name)  # <-
""",
    "an instance that is called": """\
import importlib
class L:
    def __call__(self, n):
        return importlib.import_module(n)  # <-
L()("shop.api")
""",
    "an instance that is called by its name": """\
import importlib
class L:
    def __call__(self, n):
        return importlib.import_module(n)  # <-
load = L()
load("shop.api")
""",
    "an item of an instance": """\
import importlib
class L:
    def __getitem__(self, n):
        return importlib.import_module(n)  # <-
L()["shop.api"]
""",
    "an item of a class": """\
import importlib
class L:
    def __class_getitem__(cls, n):
        return importlib.import_module(n)  # <-
L["shop.api"]
""",
    "named arguments": """\
import importlib
def load(**kw):
    return importlib.import_module(kw["name"])  # <-
load(name="shop.api")
""",
    "named arguments handed on": """\
import importlib
def load(**kw):
    return importlib.import_module(**kw)  # <-
load(name="shop.api")
def get(**kw):
    return importlib.import_module(kw.get("name", "json"))  # <-
get(name="shop.api")
""",
    "thread with named arguments": """\
import importlib, threading
threading.Thread(target=importlib.import_module, kwargs={"name": "shop.api"}).start()  # <-
threading.Thread(target=importlib.import_module, args=("shop.api",)).start()  # <-
threading.Timer(1, importlib.import_module, kwargs={"name": "shop.api"}).start()  # <-
threading.Thread(None, importlib.import_module, kwargs=dict(name="shop.api")).start()  # <-
""",
    "thread of a function": """\
import importlib, threading
def load(name):
    importlib.import_module(name)  # <-
threading.Thread(target=load, kwargs={"name": "shop.api"}).start()
""",
    "thread of a function, args": """\
import importlib, threading
def load(name):
    importlib.import_module(name)  # <-
threading.Thread(target=load, args=("shop.api",)).start()
""",
    "dict: update with names": """\
import importlib
d = {}
d.update(y="shop.api")
importlib.import_module(d["y"])  # <-
""",
    "dict: setdefault": """\
import importlib
d = {}
d.setdefault("y", "shop.api")
importlib.import_module(d["y"])  # <-
""",
    "dict: update with both": """\
import importlib
d = {}
d.update({"x": "json"}, y="shop.api")
importlib.import_module(d["y"])  # <-
importlib.import_module(d["x"])
d |= {"z": "shop.api"}
importlib.import_module(d["z"])  # <-
""",
    "list: insert": """\
import importlib
d = []
d.insert(0, "shop.api")
for one in d:
    importlib.import_module(one)  # <-
""",
    "list: appendleft": """\
import importlib
from collections import deque
d = deque()
d.appendleft("shop.api")
importlib.import_module(d[0])  # <-
""",
    "yield from": """\
import importlib
def _all():
    yield from ("shop.api", "json")
for m in _all():
    importlib.import_module(m)  # <-
""",
    "yield from another": """\
import importlib
def _some():
    yield "shop.api"
def _all():
    yield "json"
    yield from _some()
[importlib.import_module(m) for m in _all()]  # <-
""",
    "class that imports a function": """\
class C:
    from importlib import import_module as im
C.im("shop.api")  # <-
""",
    "class that imports a package": """\
class C:
    import shop
    def f(self):
        return self.shop.api  # <-
    @classmethod
    def g(cls):
        return cls.shop.api.routes
C.shop.api
""",
    "class that imports a package, by its name": """\
class C:
    import shop
C.shop.api  # <-
""",
    "class that imports a package, in a class method": """\
class C:
    import shop as s
    @classmethod
    def g(cls):
        return cls.s.api.routes  # <-
""",
    "named arguments of a method": """\
import importlib
class C:
    def load(self, **kw):
        return importlib.import_module(kw["name"])  # <-
    def go(self):
        self.load(name="shop.api")
""",
    "an item of an heir": """\
import importlib
class L:
    def __getitem__(self, n):
        return importlib.import_module(n)  # <-
class K(L):
    pass
k = K()
k["shop.api"]
""",
    "overridden and completed": """\
import importlib
class Base:
    target = "json"
    def load(self):
        return importlib.import_module(self.target)  # <-
class Api(Base):
    target = "shop.api"
    def load(self):
        return super().load()
""",
    "overridden property": """\
import importlib
from abc import ABC, abstractmethod
class Base(ABC):
    @property
    @abstractmethod
    def target(self): ...
    def load(self):
        return importlib.import_module(self.target)  # <-
class Api(Base):
    @property
    def target(self):
        return "shop.api"
""",
    "facade with named arguments": """\
from shop.util import load
load(name="shop.api")  # <-
=== shop/util.py
import importlib
def load(**kw):
    return importlib.import_module(kw["name"])
""",
    "facade with an enum": """\
from shop.util import load  # <-
=== shop/util.py
import importlib
from enum import Enum
class M(Enum):
    API = "shop.api"
for m in M:
    importlib.import_module(m.value)
def load(): ...
""",
    "class that imports a function, by self": """\
class C:
    from importlib import import_module
    import importlib as il
    def f(self):
        self.import_module("json")
        return self.il.import_module("shop.api")  # <-
""",
    "module class: lazy": """\
from shop.fac import show  # <-
=== shop/fac.py
import sys, types
class _M(types.ModuleType):
    def __getattr__(self, n):
        from shop.api import routes
        return getattr(routes, n)
sys.modules[__name__].__class__ = _M
""",
    "module class: in its place": """\
from shop.fac import show  # <-
=== shop/fac.py
import sys, types
class _M(types.ModuleType):
    def __getattr__(self, n):
        import importlib
        return getattr(importlib.import_module("shop.api"), n)
sys.modules[__name__] = _M(__name__)
""",
    "value: a dict of loaders": """\
from shop.fac import LOADERS
LOADERS["x"]("shop.api")  # <-
LOADERS["x"]("json")
=== shop/fac.py
import importlib
LOADERS = {"x": importlib.import_module}
""",
    "value: a list of loaders": """\
import shop.fac as f
f.LOADERS[0]("shop.api")  # <-
=== shop/fac.py
import importlib
def load(name):
    return importlib.import_module(name)
LOADERS = [load]
""",
    "value: a namespace": """\
from shop.fac import ns
ns.load("shop.api")  # <-
ns.dump("shop.api")
=== shop/fac.py
import importlib, json
from types import SimpleNamespace
ns = SimpleNamespace(load=importlib.import_module, dump=json.dumps)
""",
    "limit: a name that a loop leaves out": """\
import importlib
for t in ("json", "shop.api"):
    if t == "shop.api":
        continue
    importlib.import_module(t)  # <-
""",
    "value: an instance that is called": """\
from shop.fac import load
load("shop.api")  # <-
=== shop/fac.py
import importlib
class L:
    def __call__(self, n):
        return importlib.import_module(n)
load = L()
""",
    "value: an instance of a class of a facade": """\
from shop.fac import L
L()("shop.api")  # <-
mine = L()
mine("shop.api")  # <-
=== shop/fac.py
import importlib
class L:
    def __call__(self, n):
        return importlib.import_module(n)
""",
}

GOOD_TEXTS = {
    "an own module": """\
from shop.domain.model import Order
from . import model
from .model import *
""",
    "an own package": """\
from shop import domain
from ..domain import model
import shop.domain
shop.domain.model
""",
    "application imports domain": """\
=== shop/application/services.py
from shop.domain import model
from ..domain.model import Order
""",
    "api imports application": """\
=== shop/api/routes.py
from shop.application.services import Order
import shop.domain.model
""",
    "infrastructure imports application": """\
=== shop/infrastructure/db.py
from ..application import services
""",
    "a name that begins alike": """\
import shop.apiary
from shop import apiary
from ..apiary import bees
from shop.apiary.bees import x
""",
    "a name that begins alike, dynamic": """\
import importlib
importlib.import_module("shop.apiary")
__import__("shop.api_v2")
""",
    "a name that begins alike, unknown end": """\
import importlib
def f(n):
    importlib.import_module("shop.api" + n)
    importlib.import_module(f"shop.api{n}.x")
""",
    "comments": """\
# import shop.api
x = 1  # from shop.api import routes
""",
    "a docstring": '''\
"""Example:

from shop.api.routes import x
import shop.api
exec("import shop.api")
"""
''',
    "strings": """\
A = "shop.api.routes"
B = ["import shop.api"]
print("shop.api")
""",
    "a docstring beside importlib": '''\
import importlib
def f():
    """importlib.import_module("shop.api")"""
''',
    "another object's attribute": """\
class S:
    api = None
s = S()
s.api.routes
""",
    "a variable of the package's name": """\
class S: ...
shop = S()
shop.api.routes.x()
""",
    "a parameter of the package's name": """\
import shop.domain
def f(shop):
    return shop.api.routes
""",
    "a name that is overwritten": """\
import shop
shop = object()
shop.api
""",
    "a third party of the same name": """\
from fastapi import api
import api
from api import routes
import other.api
""",
    "an unknown name": """\
import importlib, os
def f(name):
    importlib.import_module(name)
    __import__(name)
    importlib.import_module(os.environ["M"])
""",
    "an unknown part": """\
import importlib
def f(n):
    importlib.import_module(f"shop.{n}")
    importlib.import_module("shop." + n)
    importlib.import_module(n + ".api")
""",
    "an allowed dynamic import": """\
import importlib
importlib.import_module("shop.domain.model")
importlib.import_module(".model", "shop.domain")
importlib.import_module(".model", __package__)
""",
    "own import_module": """\
def import_module(name): ...
import_module("shop.api")
""",
    "a method import_module": """\
class R:
    def import_module(self, n): ...
R().import_module("shop.api")
""",
    "a foreign import_module": """\
from six import import_module
import_module("shop.api")
""",
    "own exec": """\
def exec(text): ...
exec("import shop.api")
""",
    "exec of a cursor": """\
def f(cursor):
    cursor.exec("import shop.api")
""",
    "exec of harmless code": """\
exec("import os")
eval("1 + 1")
exec("x = 'import shop.api'")
""",
    "re.compile": """\
import re
re.compile("import shop.api")
""",
    "loaded modules, own": """\
import sys
sys.modules[__name__]
sys.modules['shop.domain']
sys.modules.get('json')
""",
    "only asked for": """\
import sys
print("shop.api" in sys.modules)
""",
    "another mapping": """\
modules = {"shop.api": 1}
modules["shop.api"]
modules.get("shop.api")
""",
    "resources, own": """\
from importlib import resources
resources.files("shop.domain") / "api" / "x"
resources.files(__package__).joinpath("api").read_text()
""",
    "resources, alike": """\
from importlib import resources
resources.read_text("shop.apiary", "x")
""",
    "a path of another project": """\
import runpy
runpy.run_path("tools/api/build.py")
runpy.run_path("/opt/api.py")
""",
    "a path alike": """\
import runpy
runpy.run_path("shop/apiary/bees.py")
""",
    "data by path": """\
from pathlib import Path
p = Path(__file__).parent / "data"
p.read_text()
""",
    "logging names": """\
import logging
logging.getLogger("shop.api")
""",
    "a task by name": """\
def send(name): ...
send("shop.api.routes.x")
""",
    "outside all layers": """\
=== shop/tools.py
from shop.api import routes
from shop.infrastructure import db
""",
    "a root": """\
=== shop/main.py
from shop.api import routes
from shop.infrastructure import db
""",
    "outside the sources": """\
=== scripts/my-tool/x.py
from shop.api import routes
""",
    "tests": """\
=== tests/test_all.py
from shop.api import routes
from shop.infrastructure import db
""",
    "a facade of allowed layers": """\
from shop.facade import Order
=== shop/facade.py
from shop.domain.model import Order
""",
    "a facade of allowed layers, api": """\
=== shop/api/routes.py
from shop.facade import Order, services
=== shop/facade.py
from shop.domain.model import Order
from shop.application import services
""",
    "everything of a harmless facade": """\
from shop.facade import *
=== shop/facade.py
from shop.domain.model import Order
""",
    "another function of a helper": """\
from shop.helpers import slug
=== shop/helpers.py
def slug(): ...
def load():
    from shop.api import routes
    return routes
""",
    "a helper with a type": """\
from shop.helpers import slug
=== shop/helpers.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.api import routes
def slug(): ...
""",
    "another name of a lazy facade": """\
from shop.facade import m
=== shop/facade.py
import importlib
_L = {'routes': 'shop.api.routes', 'm': 'shop.domain.model'}
def __getattr__(name):
    return importlib.import_module(_L[name])
""",
    "another name of the package": """\
from shop import VERSION
import shop
shop.VERSION
=== shop/__init__.py
from shop.api.routes import x
VERSION = 1
""",
    "a constant that a name shadows": """\
from shop.const import api
api.x
=== shop/const.py
api = 'x'
""",
    "relative within the layer": """\
from .api import x
from . import api
from ..domain.api import x
=== shop/domain/api.py
x = 1
""",
    "relative beside the package": """\
=== shop/domain/sub/__init__.py
from .api import x
=== shop/domain/sub/api.py
x = 1
""",
    "relative that climbs out of everything": """\
from ....api import x
""",
    "an attribute of an own module": """\
from shop import domain
domain.api.routes
""",
    "a stored module": """\
import sys
import types
sys.modules['shop.domain.fake'] = types.ModuleType('shop.api')
""",
    "a search path, own": """\
=== shop/domain/__init__.py
import os
__path__.append(os.path.join(os.path.dirname(__file__), 'api'))
""",
    "through a layer that may": """\
=== shop/api/routes.py
from shop.application.services import Order
=== shop/application/services.py
from shop.infrastructure.db import x
Order = x
""",
    "a loop over other texts": """\
import importlib
for n in ("json", "csv"):
    importlib.import_module(n)
for n in ("shop.api", "x"):
    print(n)
""",
    "another entry of a table": """\
import importlib
T = {"a": "shop.api", "b": "json"}
importlib.import_module(T["b"])
""",
    "a name that changed": """\
import importlib
n = "shop.api"
print(n)
n = "json"
importlib.import_module(n)
""",
    "a call of another function": """\
import importlib
def load(n):
    return importlib.import_module(n)
def show(n):
    print(n)
show("shop.api")
load("json")
""",
    "a string annotation": """\
def f(x: "shop.api.Order") -> None: ...
""",
    "an unresolved name": """\
shop.api.routes.x()
""",
    "other files and functions": """\
import json
load = json.loads
load("shop.api")
open("shop/api/data.json").read()
""",
    "attributes named alike": """\
import shop
class A:
    def f(self, request, app):
        self.api.routes
        request.shop.api
        app.shop.api.x
        self.shop.api.x
        f(shop=1, api=2)
""",
    "a class of the package's name": """\
class shop:
    api = 1
shop.api
""",
    "names that shadow the package": """\
import shop
def f(shops):
    shop = shops[0]
    return shop.api
def g(shops):
    [shop.api for shop in shops]
    {shop.api: 1 for shop in shops}
    return lambda shop: shop.api
def h(shops):
    for shop in shops:
        shop.api
def i(x):
    with x() as shop:
        shop.api
    try:
        pass
    except E as shop:
        shop.api
""",
    "another package under the name": """\
import shop.domain as shop
shop.api
from other import shop
shop.api.routes
""",
    "own shop": """\
from .shop import api
from . import api as b
import importlib
importlib.import_module(".api", __package__)
importlib.import_module("..domain.api", __package__)
=== shop/domain/api.py
x = 1
=== shop/domain/shop.py
api = 1
""",
    "modules that begin alike": """\
import shop_api, shopapi
from shop_api import x
import importlib
importlib.import_module("shopapi")
importlib.import_module("shop_api.routes")
importlib.import_module("api.routes")
importlib.util.find_spec("api")
importlib.import_module(".api", "other")
exec("import shop.apiary")
__import__("shop.apiary")
""",
    "texts that are printed": """\
import logging
def f(x, log):
    print(f"shop.api.{x}")
    log.info("import shop.api %s", x)
    raise ValueError("from shop.api import x")
""",
    "own packages walked": """\
=== shop/domain/__init__.py
import pkgutil, importlib
for info in pkgutil.walk_packages(__path__, __name__ + "."):
    importlib.import_module(info.name)
for info in pkgutil.iter_modules(["shop/domain"]):
    importlib.import_module("shop.domain." + info.name)
""",
    "own resources": """\
from importlib import resources
(resources.files("shop") / "domain" / "x").read_text()
resources.files("shop").joinpath("x").read_text()
resources.files("fastapi")
""",
    "an eval of others": """\
def f(df, model):
    df.eval("shop.api")
    model.eval()
    model.compile("import shop.api")
""",
    "a facade that does not exist": """\
from shop.facade import x
import nosuch.api
from nosuch import shop
""",
    "a parameter of a builtin's name": """\
def f(exec, __import__):
    exec("import shop.api")
    __import__("shop.api")
""",
    "the root that imports what it may": """\
from shop.main import VERSION
=== shop/main.py
from shop.domain import model
VERSION = 1
""",
    "api imports the facade of application": """\
=== shop/api/routes.py
from shop.facade import services
=== shop/facade.py
from shop.application import services
""",
    "a helper used by all": """\
from shop.helpers import slug
from shop import helpers
helpers.slug()
=== shop/helpers.py
import re
import json
def slug(text):
    return re.sub("x", "", text)
""",
    "a submodule of a package with a facade": """\
from shop.kit.text import slug
=== shop/kit/__init__.py
=== shop/kit/text.py
def slug(): ...
""",
    "an unknown part before": """\
import importlib
def f(p, n):
    importlib.import_module(f"{p}.api")
    importlib.import_module(p + "shop.api")
    importlib.import_module("%s.api" % p)
    importlib.import_module(".".join([p, "api"]))
    importlib.import_module(f"shop.api{n}")
    importlib.import_module(".api", p)
""",
    "a wrapper with own names": """\
import importlib
def load(name):
    return importlib.import_module("shop.domain." + name)
load("api")
load("shop.api")
""",
    "a function with a text that it does not import": """\
import importlib
def show(name, module="json"):
    print(name)
    return importlib.import_module(module)
show("shop.api")
""",
    "another method": """\
import importlib
class C:
    def load(self, name):
        return importlib.import_module(name)
class D:
    def load(self, name): ...
D().load("shop.api")
C().load("json")
""",
    "a table of which one entry is taken": """\
import importlib
T = {"a": "json", "b": "shop.api"}
importlib.import_module(T.get("a"))
for k in ("a",):
    importlib.import_module(T[k])
""",
    "a removed name": """\
import sys
del sys.modules["shop.domain"]
sys.modules.pop("shop.domain", None)
""",
    "spec of own": """\
import importlib.util
importlib.util.find_spec(".model", __package__)
importlib.util.spec_from_file_location("x", "shop/domain/x.py")
importlib.util.spec_from_file_location("x", "/tmp/x.py")
""",
    "a stub": '''\
from typing import Protocol
class Routes(Protocol):
    """Implemented by shop.api.routes."""
    def show(self) -> "shop.api.Page": ...
''',
    "another instance of a helper": """\
from shop.helpers import other
=== shop/helpers.py
class Mailer:
    def send(self):
        from shop.api import routes
        return routes
class Other: ...
mailer = Mailer()
other = Other()
""",
    "a helper that is run as a program": """\
from shop.helpers import slug
=== shop/helpers.py
def slug(): ...
if __name__ == "__main__":
    from shop.api import routes
""",
    "a stored module by default": """\
import sys
sys.modules.setdefault("shop.api", None)
""",
    "a package in several folders": """\
=== shop/domain/__init__.py
from pkgutil import extend_path
__path__ = extend_path(__path__, __name__)
""",
    "another package in several folders": """\
import pkgutil
__path__ = pkgutil.extend_path(__path__, "shop.api")
""",
    "a removed module": """\
import sys
sys.modules.pop("shop.api", None)
""",
    "a removed module without a default": """\
import sys
sys.modules.pop("shop.api")
""",
    "a deleted module": """\
import sys
del sys.modules["shop.api"]
""",
    "asked for in a condition": """\
import sys
if "shop.api" in sys.modules:
    print("loaded")
""",
    "asked for in an assertion": """\
import sys
assert "shop.api" not in sys.modules
""",
    "asked for among the keys": """\
import sys
"shop.api" in sys.modules.keys()
""",
    "a search path": """\
import sys
sys.path.append("shop/api")
""",
    "a search path beside this file": """\
import sys, os
sys.path.append(os.path.dirname(__file__))
""",
    "a search path, first": """\
import sys
sys.path.insert(0, "vendor")
""",
    "type hints": """\
import typing
def f(x: "shop.api.X"): ...
typing.get_type_hints(f)
""",
    "a forward reference": """\
from typing import ForwardRef
X = ForwardRef("shop.api.X")
""",
    "a patch of an own name": """\
from unittest.mock import patch
patch("shop.domain.model.Order")
""",
    "a patch alike": """\
from unittest.mock import patch
patch("shop.apiary.x")
""",
    "fixtures that patch other things": """\
def test(monkeypatch):
    monkeypatch.setattr("shop.domain.model.x", 1)
    monkeypatch.setenv("shop.api", "1")
    monkeypatch.delitem({}, "shop.api")
    monkeypatch.syspath_prepend("shop/api")
""",
    "other processes": """\
import subprocess, sys
subprocess.run([sys.executable, "-m", "pip", "install", "shop.api"])
subprocess.run(["grep", "-m", "shop.api"])
subprocess.run(["git", "log", "shop/api/routes.py"])
subprocess.run([sys.executable, "-c", "print('shop.api')"])
""",
    "a helper that does not import": """\
from shop.util import load
load("shop.api.routes")
=== shop/util.py
import json, importlib
def load(name):
    return json.loads(name)
def other(name):
    return importlib.import_module(name)
""",
    "another argument of a helper that imports": """\
from shop.util import load
load("json", "shop.api")
=== shop/util.py
import importlib
def load(name, label):
    print(label)
    return importlib.import_module(name)
""",
    "attrgetter of another object": """\
from operator import attrgetter
attrgetter("api.routes")(object())
""",
    "reduce of another object": """\
from functools import reduce
reduce(getattr, ["api", "routes"], object())
""",
    "a console without imports": """\
import code
code.InteractiveConsole().push("import os")
""",
    "apiary": """\
import shop.apiary.bees as bees
from shop.apiary import bees as b
from ..apiary.bees import x
""",
    "infra that looks alike": """\
import importlib
importlib.import_module("shop.infrastructure_utils")
importlib.import_module("shop.infrastructures.db")
importlib.import_module("myshop.infrastructure")
importlib.import_module("shop_infrastructure.db")
""",
    "attributes: that looks alike": """\
import shop.apiary
shop.apiary.bees.x
shop.api_version = 1
""",
    "attributes: on self": """\
class S:
    def __init__(self, infrastructure):
        self.infrastructure = infrastructure
        self.infrastructure.db.x()
""",
    "docstring exec": '''\
def f():
    """exec("import shop.infrastructure")

    >>> import shop.infrastructure
    """
''',
    "comment": """\
x = 1  # noqa: import shop.infrastructure, importlib.import_module("shop.api")
""",
    "log": """\
import logging
log = logging.getLogger("shop.infrastructure.db")
log.info("see shop.infrastructure.db")
""",
    "dict keys": """\
ROUTES = {"shop.infrastructure": 1, "shop.api.routes": 2}
ROUTES["shop.api.routes"]
ROUTES.get("shop.infrastructure")
""",
    "error msg": """\
raise ImportError("cannot import shop.infrastructure.db; run import shop.api")
""",
    "re compile": """\
import re
P = re.compile(r"import shop\\.infrastructure")
re.compile("shop.api")
""",
    "own compile method": """\
class T:
    def compile(self, s): ...
    def exec(self, s): ...
    def eval(self, s): ...
T().compile("import shop.api")
T().exec("import shop.api")
T().eval("__import__('shop.api')")
""",
    "sql exec": """\
def f(session):
    session.exec("select * from shop.api")
    session.execute("import shop.api")
""",
    "own import_module, harmless": """\
class Registry:
    def import_module(self, name): ...
Registry().import_module("shop.infrastructure.db")
""",
    "own load": """\
def load(name):
    return open(name)
load("shop.api.routes")
""",
    "exec: harmless": """\
exec("x = 1")
exec("import json")
exec("# import shop.api")
exec("'import shop.api'")
""",
    "eval: harmless": """\
eval("'shop.api'")
eval("1 + 1")
""",
    "literal_eval": """\
import ast
ast.literal_eval("'shop.api.routes'")
""",
    "exec: own": """\
exec("from shop.domain import model")
""",
    "compile alike": """\
exec("import shop.apiary")
""",
    "loaded modules: own": """\
import sys
sys.modules["shop.domain.model"]
sys.modules["shop.apiary"]
""",
    "loaded modules: assign": """\
import sys, types
sys.modules["shop.infrastructure"] = types.ModuleType("shop.infrastructure")
""",
    "loaded modules: loop names": """\
import sys
for name in list(sys.modules):
    if name.startswith("shop.infrastructure"):
        del sys.modules[name]
""",
    "loaded modules: membership": """\
import sys
loaded = "shop.infrastructure" in sys.modules
if "shop.api" not in sys.modules:
    raise RuntimeError
""",
    "sys.path": """\
import sys
sys.path.append("/opt/shop/api")
sys.path.insert(0, "shop/infrastructure")
""",
    "os.path": """\
import os
os.path.join("shop", "api", "routes.py")
os.path.exists("shop/api/routes.py")
open("shop/infrastructure/db.py")
""",
    "pathlib": """\
from pathlib import Path
Path("shop/api").exists()
(Path("shop") / "infrastructure").mkdir()
""",
    "import_module: allowed": """\
from importlib import import_module
import_module("shop.domain.model")
import_module(".model", package="shop.domain")
import_module(__name__)
import_module("json")
""",
    "import_module: var": """\
from importlib import import_module
def load(settings):
    return import_module(settings.MODULE)
""",
    "import_module: input": """\
from importlib import import_module
import sys
import_module(sys.argv[1])
import_module(input())
""",
    "an f-string: unknown": """\
from importlib import import_module
def load(plugin):
    return import_module(f"plugins.{plugin}")
""",
    "an f-string: own unknown": """\
from importlib import import_module
def load(n):
    return import_module(f"shop.domain.{n}")
""",
    "metadata version": """\
from importlib.metadata import version, entry_points
version("shop.infrastructure")
entry_points(group="shop.api")
""",
    "resources: own": """\
from importlib.resources import files
files("shop.domain").joinpath("infrastructure.json").read_text()
files("shop").joinpath("data", "api.json")
files("shop.apiary")
""",
    "resources: own 2": """\
from importlib import resources
resources.read_text("shop.domain", "api.json")
resources.open_text("shop", "api")
""",
    "pkgutil: own": """\
import pkgutil
pkgutil.get_data("shop.domain", "api/x.json")
pkgutil.get_data("shop", "api.json")
""",
    "iter own": """\
import pkgutil
import shop.domain
for m in pkgutil.iter_modules(shop.domain.__path__, "shop.domain."):
    print(m.name)
""",
    "runpy: own": """\
import runpy
runpy.run_module("shop.domain.model")
runpy.run_path("scripts/api.py")
""",
    "find_spec own": """\
import importlib.util
importlib.util.find_spec("numpy")
importlib.util.find_spec("shop.domain")
""",
    "getattr own": """\
import shop.domain as d
getattr(d, "api", None)
getattr(object(), "infrastructure", None)
""",
    "string annotations": """\
from __future__ import annotations
def f(x: "shop.infrastructure.db.Session") -> "shop.api.routes.X": ...
Y: "shop.api.Z"
""",
    "cast string": """\
from typing import cast
cast("shop.api.routes.X", 1)
""",
    "typevar bound": """\
from typing import TypeVar
T = TypeVar("T", bound="shop.api.X")
""",
    "local named shop": """\
def f(order):
    shop = order.shop
    return shop.api.key
""",
    "for shop": """\
def f(shops):
    for shop in shops:
        print(shop.infrastructure)
    return [shop.api for shop in shops]
""",
    "walrus shop": """\
def f(x):
    if (shop := x.get()):
        return shop.api
""",
    "self attribute": """\
class A:
    def f(self):
        return self.shop.infrastructure.db
""",
    "third party": """\
import infrastructure
import api.routes
from infrastructure.db import x
import vendor.shop.api
from vendor.shop import api
""",
    "relative: inside": """\
from . import infrastructure
from .infrastructure import db
from .api.routes import x
=== shop/domain/infrastructure/__init__.py
=== shop/domain/infrastructure/db.py
=== shop/domain/api/__init__.py
=== shop/domain/api/routes.py
x = 1
""",
    "all strings": """\
__all__ = ["api", "infrastructure", "shop.api"]
""",
    "a facade: domain only": """\
from shop.facade import Order
from shop import facade
facade.Order()
=== shop/facade.py
from shop.domain.model import Order
""",
    "a facade: string": """\
from shop.names import NAME
=== shop/names.py
NAME = "shop.infrastructure.db"
""",
    "a facade: mention": '''\
from shop.names import f
f("shop.infrastructure.db")
=== shop/names.py
"""Not import shop.infrastructure."""
def f(x):
    return "import shop.api " + x
''',
    "load mapping": """\
import json
json.loads('{"module": "shop.api"}')
""",
    "decorator name": """\
import functools
@functools.lru_cache
def f(name="shop.api"): ...
f("shop.infrastructure")
""",
    "celery task": """\
def task(name): return lambda f: f
@task(name="shop.api.routes.x")
def f(): ...
""",
    "namedtuple": """\
from collections import namedtuple
shop = namedtuple("shop", "api infrastructure")(1, 2)
shop.api
""",
    "class attribute ns": """\
class shop:
    class infrastructure:
        db = 1
shop.infrastructure.db
""",
    "enum": """\
import enum
class Layer(enum.Enum):
    API = "shop.api"
    INFRA = "shop.infrastructure"
Layer.API.value
""",
    "url": """\
import urllib.request
urllib.request.urlopen("https://shop.api/routes")
""",
    "importlib reload own": """\
import importlib
import shop.domain.model as m
importlib.reload(m)
importlib.invalidate_caches()
""",
    "types ModuleType": """\
import types
types.ModuleType("shop.api")
""",
    "warnings filter": """\
import warnings
warnings.filterwarnings("ignore", module="shop.infrastructure")
""",
    "path joined then import own": """\
import importlib
PATHS = {"a": "shop.api", "b": "shop.domain"}
importlib.import_module(PATHS["b"])
""",
    "name only printed": """\
import importlib
def name(layer):
    return "shop." + layer
print(name("api"))
importlib.import_module(name("domain"))
""",
    "loop print": """\
import importlib
for layer in ("api", "infrastructure"):
    print(f"shop.{layer}")
for layer in ("domain",):
    importlib.import_module(f"shop.{layer}")
""",
    "conditional own": """\
import importlib
L = "domain"
importlib.import_module("shop." + (L if L else "model"))
""",
    "overwritten in branch": """\
import importlib
name = "shop.api"
name = "shop.domain"
importlib.import_module(name)
""",
    "a helper: unrelated": """\
from shop.util import load
load("shop.domain.model")
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: alike": """\
from shop.util import load
load("shop.apiary")
load("shop.api_v2")
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: unknown": """\
from shop.util import load
def f(n):
    load(n)
    load(f"shop.{n}")
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module(n)""",
    "a helper: prefix other": """\
from shop.util import load
load("api")
=== shop/util.py
import importlib
def load(n):
    return importlib.import_module("plugins." + n)""",
    "a helper: logs": """\
from shop.util import log
log("shop.api")
=== shop/util.py
import importlib
def log(n):
    print(n)
def load(n):
    return importlib.import_module(n)""",
    "a helper: class other": """\
from shop.util import Named
Named("shop.api").name
=== shop/util.py
import importlib
class Named:
    def __init__(self, name):
        self.name = name
class Lazy:
    def __init__(self, name):
        self.mod = importlib.import_module(name)""",
    "a helper: sys.path": """\
from shop.util import add
add("shop/api")
=== shop/util.py
import sys
def add(p):
    sys.path.append(p)""",
    "a helper: membership": """\
from shop.util import is_loaded
is_loaded("shop.api")
=== shop/util.py
import sys
def is_loaded(n):
    return n in sys.modules""",
    "local function args": """\
import importlib
def full(n):
    return f"shop.{n}"
NAMES = [full("api"), full("infrastructure")]
importlib.import_module(full("domain"))
""",
    "two methods": """\
import importlib
class A:
    def name(self, n):
        return "shop." + n
    def go(self):
        print(self.name("api"))
        importlib.import_module(self.name("domain"))
""",
    "other processes: string": """\
import subprocess
subprocess.run("echo python -m is great for shop.api", shell=True)
""",
    "other processes: python own": """\
import subprocess, sys
subprocess.run([sys.executable, "-m", "shop.domain.model"])
subprocess.run([sys.executable, "-m", "pytest", "shop/api"])
subprocess.run([sys.executable, "-c", "print(1)", "shop.api"])
""",
    "mock own": """\
from unittest import mock
mock.Mock(name="shop.api")
mock.MagicMock(spec="shop.api")
mock.patch("os.getcwd")
""",
    "patch route": """\
class R:
    def patch(self, path): ...
r = R()
r.patch("shop.api")
""",
    "comprehension own": """\
import importlib
[importlib.import_module(n) for n in ["shop.domain.model"]]
[print(n) for n in ["shop.api"]]
""",
    "eval: own": """\
eval("__import__('shop.domain')")
eval("shop.api", {"shop": object()})
""",
    "exec: ns": """\
exec("import n", {"n": "shop.api"})
""",
    "everything: alike": """\
from shop.apiary import *
api.x
""",
    "everything: then own name": """\
from shop.domain import *
api = 1
api.x
""",
    "reduce own": """\
import functools, shop
functools.reduce(getattr, ["domain", "model"], shop)
""",
    "methodcaller own": """\
import operator, importlib
operator.methodcaller("import_module", "shop.domain")(importlib)
operator.methodcaller("get", "shop.api")({})
""",
    "itemgetter own": """\
import operator, sys
operator.itemgetter("shop.api")({"shop.api": 1})
sys.path
""",
    "resources: div own": """\
from importlib.resources import files
X = files("shop") / "domain" / "api"
Y = files("shop") / "apiary"
Z = files("other") / "api"
""",
    "pop others": """\
import sys
for n in ("shop.api", "shop.infrastructure"):
    sys.modules.pop(n, None)
""",
    "package around with a re-export": """\
from shop.apiary import bees
=== shop/__init__.py
from shop.api import routes
""",
    "parent that only a function of imports": """\
from shop.fac import leaf
import shop.fac.leaf
from shop.fac.leaf import X
=== shop/fac/__init__.py
def f():
    import shop.api
=== shop/fac/leaf.py
X = 1
""",
    "parent for type checkers": """\
from shop.fac.leaf import X
=== shop/fac/__init__.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import shop.api
=== shop/fac/leaf.py
X = 1
""",
    "import for type checkers beside": """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.fac.leaf import X
=== shop/fac/__init__.py
import shop.api
=== shop/fac/leaf.py
X = 1
""",
    "star with a submodule that is fine": """\
from shop.fac import *
=== shop/fac/__init__.py
__all__ = ["x"]
=== shop/fac/x.py
from shop.domain import model
=== shop/fac/y.py
from shop.api import routes
""",
    "star with a submodule that is no name of all": """\
from shop.fac import *
=== shop/fac/__init__.py
from shop.domain import model
__all__ = ["model"]
=== shop/fac/x.py
from shop.api import routes
""",
    "star, a string that is no name of all": """\
from shop.fac import *
=== shop/fac/__init__.py
__all__ = ["y"]
y = "x"
=== shop/fac/x.py
from shop.api import routes
""",
    "star through a star, a string that is no name of all": """\
from shop.front import y
from shop.front import *
=== shop/front.py
from shop.fac import *
=== shop/fac/__init__.py
__all__ = ["y"]
y = "x"
=== shop/fac/x.py
from shop.api import routes
""",
    "star for type checkers": """\
from shop.front import y
=== shop/front.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.fac import *
y = 1
=== shop/fac/__init__.py
__all__ = ["x"]
=== shop/fac/x.py
from shop.api import routes
""",
    "get: only asks": """\
import sys
if sys.modules.get("shop.api"):
    pass
def f():
    return sys.modules.get("shop.api") is not None
assert sys.modules.get("shop.api") is None
print(not sys.modules.get("shop.api"))
x = bool(sys.modules.get("shop.api"))
r = sys.modules.get("shop.api")
assert r is None
while sys.modules.get("shop.api"):
    break
y = 1 if sys.modules.get("shop.api") else 2
z = [a for a in (1, 2) if sys.modules.get("shop.api")]
if x and sys.modules.get("shop.api") and not sys.modules.get("shop.infrastructure"):
    pass
if sys.modules.get("shop.api", None) == None:
    pass
if None is sys.modules.get("shop.api"):
    pass
q = any(sys.modules.get(n) for n in ("shop.api", "shop.infrastructure"))
q = any(map(sys.modules.get, ["shop.api"]))
""",
    "get: asks a name": """\
import sys
def f():
    r = sys.modules.get("shop.api")
    if r is None:
        return 1
    return 2
def g():
    if (m := sys.modules.get("shop.api")) is not None:
        return bool(m)
    return not m
""",
    "get: asks in other ways": """\
import sys
if dict.get(sys.modules, "shop.api") is None:
    pass
if sys.modules.pop("shop.api", None) is not None:
    pass
def f(x):
    found = sys.modules.get("shop.api") if x else None
    return found is None
def g():
    m: object = sys.modules.get("shop.api")
    return [1 for _ in "ab" if m]
def h(x):
    return sys.modules.get("shop.api") and x
""",
    "get: a facade that asks": """\
from shop.tools import is_loaded
import shop.tools
=== shop/tools.py
import sys
LOADED = bool(sys.modules.get("shop.api"))
def is_loaded():
    return sys.modules.get("shop.api") is not None
""",
    "get: by another name": """\
import sys
get = sys.modules.get
m = sys.modules
if get("shop.api") is None and not m.get("shop.api"):
    pass
""",
    "compile: only the tree": """\
import ast
compile("import shop.api", "x", "exec", ast.PyCF_ONLY_AST)
compile("import shop.api", "x", "exec", flags=ast.PyCF_ONLY_AST)
compile("import shop.api", "x", "exec", ast.PyCF_ONLY_AST | ast.PyCF_TYPE_COMMENTS)
compile("import shop.api", "x", "exec", ast.PyCF_TYPE_COMMENTS | ast.PyCF_ONLY_AST)
compile("import shop.api", "x", "exec", 0x400)
compile("import shop.api", "x", "exec", 1024 | 4096)
F = ast.PyCF_ONLY_AST
compile("import shop.api", "x", "exec", F)
ast.parse("import shop.api")
""",
    "compile: only the tree, imported": """\
from ast import PyCF_ONLY_AST, PyCF_OPTIMIZED_AST as O
compile("import shop.api", "x", "exec", PyCF_ONLY_AST)
compile("import shop.api", "x", mode="exec", flags=PyCF_ONLY_AST)
compile("import shop.api", "x", "exec", O)
""",
    "enum: by name that is known": """\
import importlib
from enum import Enum
class M(Enum):
    API = "shop.api"
    JSON = "json"
importlib.import_module(M["JSON"].value)
importlib.import_module(M("json").value)
importlib.import_module(M.JSON.value)
for m in M:
    importlib.import_module(m.name)
""",
    "enum: harmless": """\
import importlib
from enum import Enum
class M(Enum):
    API = "shop.api"
    def load(self):
        return importlib.import_module(self.name)
class N(Enum):
    JSON = "json"
for n in N:
    importlib.import_module(n.value)
for m in M:
    print(m.value)
class P:
    API = "shop.api"
for p in P():
    importlib.import_module(p)
""",
    "overridden in a class that does not inherit": """\
import importlib
class Base:
    target = "json"
    def load(self):
        return importlib.import_module(self.target)
class Api:
    target = "shop.api"
class Other(Base):
    target = "shop.domain"
""",
    "property: harmless": """\
import importlib
class C:
    @property
    def name(self):
        return "json"
    def other(self):
        return "shop.api"
    def load(self):
        importlib.import_module(self.name)
        importlib.import_module(self.other)
""",
    "an instance that is called, harmless": """\
import importlib
class L:
    def __init__(self, n): ...
    def __call__(self, n):
        return importlib.import_module(n)
    def __getitem__(self, n):
        return importlib.import_module(n)
class K:
    def __call__(self, n): ...
    def __getitem__(self, n): ...
L("shop.api")("json")
L("shop.api")["json"]
K()("shop.api")
K()["shop.api"]
""",
    "named arguments, harmless": """\
import importlib
def load(**kw):
    return importlib.import_module(kw["name"])
load(name="json", label="shop.api")
def other(name, **kw):
    return importlib.import_module(kw["label"])
other(name="shop.api", label="json")
""",
    "thread with named arguments, harmless": """\
import importlib, threading
threading.Thread(target=importlib.import_module, kwargs={"name": "json"}, name="shop.api").start()
threading.Thread(target=print, kwargs={"name": "shop.api"}).start()
""",
    "dict: update others": """\
import importlib
d = {}
d.update(y="shop.api", z="json")
d.setdefault("w", "shop.api")
importlib.import_module(d["z"])
""",
    "yield from others": """\
import importlib
def _all():
    yield from ("shop.domain", "json")
for m in _all():
    importlib.import_module(m)
""",
    "overridden and replaced": """\
import importlib
class Base:
    target = "json"
    def load(self):
        return importlib.import_module(self.target)
class Api(Base):
    target = "shop.api"
    def load(self):
        return self.target
""",
    "thread of a function, harmless": """\
import importlib, threading
def load(name, label):
    importlib.import_module(name)
threading.Thread(target=load, args=("json", "shop.api")).start()
threading.Thread(target=load, kwargs={"name": "json", "label": "shop.api"}).start()
""",
    "class that imports others": """\
class C:
    import shop
    from json import loads as im
    def f(self):
        return self.shop.domain
C.im("shop.api")
C.shop.domain.model
""",
    "module class: harmless": """\
from shop.fac import show
from shop.fac2 import other
from shop.fac3 import y
=== shop/fac.py
import sys, types
class _M(types.ModuleType):
    def __getattr__(self, n):
        from shop.domain import model
        return getattr(model, n)
sys.modules[__name__].__class__ = _M
=== shop/fac2.py
import sys, types
class _M(types.ModuleType):
    def __getattr__(self, n):
        from shop.api import routes
        return getattr(routes, n)
M = _M
=== shop/fac3.py
import sys, types
class _M(types.ModuleType):
    def __getattr__(self, n):
        from shop.api import routes
        return getattr(routes, n)
sys.modules[__name__].__class__ = _M
y = 1
""",
    "value: others": """\
from shop.fac import LOADERS, NAMES
LOADERS["y"]("shop.api")
NAMES["shop.api"]
=== shop/fac.py
import importlib, json
LOADERS = {"x": importlib.import_module, "y": json.loads}
NAMES = {}
""",
    "value: an instance that is called, harmless": """\
from shop.fac import load, other, L
load("json")
other("shop.api")
L("shop.api")
=== shop/fac.py
import importlib
class L:
    def __init__(self, n): ...
    def __call__(self, n):
        return importlib.import_module(n)
class K:
    def __call__(self, n): ...
load = L("x")
other = K()
""",
    "value: an heir that replaces": """\
from shop.fac import Loader
class Mine(Loader):
    def load(self, n): ...
Mine().load("shop.api")
=== shop/fac.py
import importlib
class Loader:
    def load(self, n):
        return importlib.import_module(n)
""",
}


def case_of(name: str, text: str) -> Case:
    """Return the case that a text describes."""
    path, files = PATH, {}
    if not text.startswith("=== "):
        text = f"=== {PATH}\n{text}"
    for index, part in enumerate(text[4:].split("\n=== ")):
        where, _, code = part.partition("\n")
        if index == 0:
            path, judged = where, code
        else:
            files[where] = f"{code}\n"
    lines, found = [], []
    for number, line in enumerate(judged.split("\n"), 1):
        code, mark, count = line.partition(MARK)
        lines.append(code)
        found += [number] * (int(count or 1) if mark else 0)
    files = {**SHOP, **files}
    files.pop(path, None)
    if found:
        return bad(name, "\n".join(lines), *found, path=path, files=files)
    return good(name, "\n".join(lines), path=path, files=files)


if sys.version_info < (3, 11):
    del BAD_TEXTS["try star"]  # the syntax came with Python 3.11

BAD = (
    *(case_of(name, text) for name, text in BAD_TEXTS.items()),
    bad("windows line ends", "import os\r\nimport shop.api\r\n", 2, path=PATH, files=SHOP),
    bad("far down", "x = 1\n" * 400 + "import shop.api\n", 401, path=PATH, files=SHOP),
)
GOOD = tuple(case_of(name, text) for name, text in GOOD_TEXTS.items())
