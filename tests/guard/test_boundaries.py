"""The layers of VAL-3: what a configuration may say, and which of its errors are contradictions."""

from __future__ import annotations

import re
from typing import Any

import cases_val3
import pytest

from failtrack_guard import deep
from failtrack_guard.boundaries.layers import CONFLICT, from_options, module_of_path
from failtrack_guard.boundaries.live import Live
from failtrack_guard.errors import ConfigError
from failtrack_guard.reading import parse
from failtrack_guard.rule import Case
from failtrack_guard.rules import rule_class
from failtrack_guard.settings import from_table

DOMAIN = {"name": "domain", "modules": ["shop.domain"]}
API = {"name": "api", "modules": ["shop.api"], "may-import": ["domain"]}


def layer(name: str, *modules: str, may: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"name": name, "modules": [*modules], "may-import": [*may]}


CONFLICTS = [
    pytest.param(
        [layer("domain", "shop.domain"), layer("core", "shop.domain", may=("domain",))],
        [],
        "shop.domain belongs to the layer 'domain' and to 'core'",
        id="one module in two layers that allow different things",
    ),
    pytest.param(
        [layer("domain", "shop.domain"), API, layer("model", "shop.domain.model", may=("api",))],
        [],
        "shop.domain.model belongs to the layer 'domain' and to 'model'",
        id="a layer within another that allows something else",
    ),
    pytest.param(
        [layer("one", "shop.a"), layer("two", "shop.a"), layer("api", "shop.api", may=("one",))],
        [],
        "shop.a belongs to the layer 'one' and to 'two'",
        id="one module in two layers of which a third may import one",
    ),
    pytest.param(
        [DOMAIN, layer("api", "shop.api", may=("domian",))],
        [],
        "the layer 'api' may import 'domian', and there is no such layer",
        id="an unknown layer",
    ),
    pytest.param(
        [DOMAIN, layer("domain", "shop.other")],
        [],
        "the layer 'domain' is drawn 2 times",
        id="one name for two layers",
    ),
    pytest.param(
        [DOMAIN, API],
        ["shop.api.main"],
        "the root shop.api.main may import everything",
        id="a root within a layer",
    ),
    pytest.param([DOMAIN, API], ["shop.domain"], "the root shop.domain", id="a layer as a root"),
]
ERRORS = [
    pytest.param([{"modules": ["shop.domain"]}], "has no name", id="no name"),
    pytest.param([{"name": ""}], "has no name", id="an empty name"),
    pytest.param([{"name": "domain"}], "'domain' does not say its modules; add", id="no modules"),
    pytest.param([layer("domain")], "does not say its modules", id="an empty list of modules"),
    pytest.param([{"name": "a"}], "VAL-3.layers]] in pyproject.toml", id="where it is to be said"),
    pytest.param([{"name": "domain", "modules": "shop"}], "list of strings", id="a text"),
    pytest.param([layer("domain", "shop/domain")], "dotted names", id="a path"),
    pytest.param([{**DOMAIN, "may_import": []}], "unknown key 'may_import'", id="an unknown key"),
    pytest.param([{**DOMAIN, "may-import": "api"}], "list of strings", id="a text to import"),
]


class TestContradictions:
    @pytest.mark.parametrize(("layers", "roots", "message"), CONFLICTS)
    def test_two_rules_that_contradict_are_an_error(
        self, layers: list[dict[str, Any]], roots: list[str], message: str
    ) -> None:
        """S0-11"""
        with pytest.raises(ConfigError, match=re.escape(message)) as raised:
            from_table({"VAL-3": {"layers": layers, "roots": roots}}, root="/project")
        assert raised.value.slug == CONFLICT == "architecture-conflict"
        assert "ARCHITECTURE_CONFLICT" in str(raised.value)

    def test_layers_that_overlap_and_allow_the_same_do_not(self) -> None:
        layers = [
            layer("domain", "shop.domain", may=("model",)),
            layer("model", "shop.domain.model", may=("domain",)),
        ]
        boundaries = from_options(layers, ())
        assert boundaries.layer_of("shop.domain.model.Order") == "model"

    def test_layers_that_import_each_other_do_not(self) -> None:
        layers = [layer("a", "shop.a", may=("b",)), layer("b", "shop.b", may=("a",))]
        assert not from_options(layers, ()).judges("shop.a.x")

    def test_a_root_above_the_layers_does_not(self) -> None:
        boundaries = from_options([DOMAIN, API], ("shop",))
        assert boundaries.is_root("shop")
        assert not boundaries.is_root("shop.domain.model")

    def test_a_rule_that_is_ignored_is_not_asked(self) -> None:
        table = {"ignore": ["VAL-3"], "VAL-3": {"layers": [DOMAIN, DOMAIN]}}
        assert "VAL-3" not in [one.id for one in from_table(table, root="/project").active]


class TestErrors:
    @pytest.mark.parametrize(("layers", "message"), ERRORS)
    def test_a_table_that_cannot_be_read_is_an_error(
        self, layers: list[dict[str, Any]], message: str
    ) -> None:
        with pytest.raises(ConfigError, match=re.escape(message)) as raised:
            from_table({"VAL-3": {"layers": layers}}, root="/project")
        assert raised.value.slug == "config"


class TestLayers:
    def test_a_name_belongs_to_the_longest_prefix_of_whole_parts(self) -> None:
        boundaries = from_options([DOMAIN, API], ())
        names = ("shop.api", "shop.api.routes.x", "shop.apiary", "shop", "api", "other.shop.api")
        assert [boundaries.layer_of(one) for one in names] == ["api", "api", "", "", "", ""]

    def test_a_star_stands_for_any_parts(self) -> None:
        layers = [layer("domain", "shop.*.domain"), layer("api", "shop.*.api", may=("domain",))]
        boundaries = from_options(layers, ())
        assert boundaries.layer_of("shop.orders.domain.model") == "domain"
        assert boundaries.layer_of("shop.domain") == "domain"
        assert boundaries.forbidden("domain", "shop.orders.api.x") == "api"
        assert boundaries.is_above("shop.orders")

    def test_the_preset_draws_the_layers_of_the_documents(self) -> None:
        """S3-88 to S3-91"""
        settings = from_table({"preset": "hexagonal", "package": "shop"}, root="/project")
        options = next(one.options for one in settings.active if one.id == "VAL-3")
        boundaries = from_options(options["layers"], tuple(options["roots"]))
        allowed = {name: sorted(one.allowed - {name}) for name, one in boundaries.layers.items()}
        assert allowed == {
            "domain": [],
            "application": ["domain"],
            "infrastructure": ["application", "domain"],
            "api": ["application", "domain"],
        }

    @pytest.mark.parametrize(
        ("path", "module"),
        [
            ("shop/api/routes.py", "shop.api.routes"),
            ("src/shop/api/__init__.py", "shop.api"),
            ("/home/me/shop/src/shop/api", "shop.api"),
            ("shop/apiary/x.py", ""),
            ("api/routes.py", ""),
            ("", ""),
        ],
    )
    def test_a_path_leads_to_a_module_of_a_layer(self, path: str, module: str) -> None:
        assert module_of_path(path, from_options([DOMAIN, API], ())) == module


RULE = rule_class("VAL-3")
ALL = [*RULE.GOOD, *RULE.BAD, *cases_val3.GOOD, *cases_val3.BAD]


@pytest.mark.parametrize("case", [pytest.param(one, id=one.name) for one in ALL])
def test_a_glance_never_says_less_than_the_parser(case: Case) -> None:
    rule = RULE({"layers": RULE.CASE_OPTIONS["layers"], "roots": ("shop.main",)})
    name = case.path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    name = name.removesuffix(".__init__")
    if not rule.concerns(case.path, name):
        return
    content = case.code.encode()
    seen = [*rule.look(parse(content, case.path, name))]
    glanced = rule.glance(content, case.path, name)
    if glanced is not None:
        assert [one for one in seen if not one.asks] == []
        known = tuple(f"{name}." for one in glanced for name in one.asks[2])
        asked = [f"{name}." for one in seen for name in one.asks[2]]
        assert [name for name in asked if not name.startswith(known)] == []


AUGMENTED = "x = []\nfor i in y:\n" + "    if i:\n        x += [z]\n        z = x\n" * 40
COSTLY = [
    pytest.param(f"{AUGMENTED}import importlib\nimportlib.import_module(x)\n", id="many additions"),
    pytest.param("import importlib, re\nimportlib.import_module(re.sub('a', 'b'))\n", id="too few"),
    pytest.param("X = 'eval(X)'\neval(X)\n", id="code that runs itself"),
    pytest.param("from functools import reduce\nexec(reduce(lambda a: a, []))\n", id="no turns"),
    pytest.param("import operator\nexec(operator.methodcaller()())\n", id="no arguments"),
    pytest.param("import codecs\nexec(codecs.decode(b'x', 'zlib'))\n", id="a codec that fails"),
    pytest.param(
        'import importlib\nm = importlib.import_module("%999999999999s" % "a")\nm.x()\n',
        id="a width that fills the memory",
    ),
    pytest.param(
        'import importlib\nm = importlib.import_module("%-.999999999999d" % 1)\nm.x()\n',
        id="a precision that fills the memory",
    ),
]


@pytest.mark.parametrize("code", COSTLY)
def test_what_cannot_be_worked_out_is_left_soon(code: str) -> None:
    rule = RULE({"layers": RULE.CASE_OPTIONS["layers"], "roots": ("shop.main",)})
    module = parse(code.encode(), "shop/domain/x.py", "shop.domain.x")
    assert [one for one in rule.look(module) if not one.asks] == []


LINKS = 1_000  # no Python refuses to parse so many
LINKED = [
    pytest.param("f" + "(1)" * LINKS, id="calls"),
    pytest.param("importlib.import_module" + "(1)" * LINKS, id="calls of what is looked for"),
    pytest.param("f" + "(g(1))" * LINKS, id="calls with calls"),
    pytest.param("f" + ".a(1)" * LINKS, id="methods"),
]


@pytest.mark.parametrize("chain", LINKED)
def test_the_links_of_a_long_chain_are_asked_about_once(
    chain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each link that asked for those before it would take seconds, and minutes soon."""
    asked = []
    holds = Live.holds
    monkeypatch.setattr(Live, "holds", lambda live, node: asked.append(node) or holds(live, node))
    rule = RULE({"layers": RULE.CASE_OPTIONS["layers"], "roots": ("shop.main",)})
    code = f"import importlib, shop.api\n{chain}\n"
    module = parse(code.encode(), "shop/domain/x.py", "shop.domain.x")

    found = deep.called(lambda: [*rule.look(module)])

    assert [one.line for one in found if not one.asks] == [1]
    assert LINKS < len(asked) < 10 * LINKS
