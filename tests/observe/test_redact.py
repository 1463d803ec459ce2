"""Secrets never reach the disk; what is none stays readable."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from _pytest.compat import ascii_escaped
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.observe.redact import Redactor, bounded, redact_and_cut, redact_command
from pytest_failtrack.observe.redaction import environ
from pytest_failtrack.observe.redaction.tokens import halves

redact = Redactor()

ALNUM = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
HEX = "0123456789abcdef0123456789abcdef"
# A token of each known format: kind in the placeholder, token.
TOKENS = [
    ("aws-key", "AKIAIOSFODNN7EXAMPLE"),
    ("aws-key", "ASIAIOSFODNN7EXAMPLE"),
    ("github-token", f"ghp_{ALNUM[:36]}"),
    ("github-token", f"gho_{ALNUM[:36]}"),
    ("github-token", f"ghs_{ALNUM[:36]}"),
    ("github-token", "ghp_" + "a" * 36),
    ("github-token", f"github_pat_11ABCDEFG0{ALNUM[:12]}_{ALNUM}"),
    ("gitlab-token", f"glpat-{ALNUM[:20]}"),
    ("gitlab-token", "glpat-ab_cd-ef_gh-ij_kl-1X"),
    ("slack-token", "xoxb-123456789012-1234567890123-AbCdEfGhIjKl"),
    ("slack-token", f"xapp-1-A012345-{ALNUM[:20]}"),
    ("stripe-key", f"sk_live_{ALNUM[:24]}"),
    ("stripe-key", f"rk_live_{ALNUM[:24]}"),
    ("stripe-key", f"whsec_{ALNUM[:32]}"),
    ("google-key", f"AIza{ALNUM[:35]}"),
    ("google-token", f"ya29.a0{ALNUM}"),
    ("npm-token", f"npm_{ALNUM[:36]}"),
    ("pypi-token", f"pypi-AgEIcHlwaS5vcmcC{ALNUM}"),
    ("pypi-token", f"pypi-{ALNUM}"),
    ("jwt", f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{ALNUM}"),
    ("jwt", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"),
    ("api-key", f"sk-{ALNUM}"),
    ("api-key", f"sk-proj-{ALNUM}_{ALNUM}"),
    ("api-key", f"sk-ant-api03-{ALNUM}"),
    ("sendgrid-key", f"SG.{ALNUM[:22]}.{ALNUM}"),
    ("twilio-key", f"SK{HEX}"),
    ("azure-secret", f"abc8Q~{ALNUM[:34]}"),
    ("huggingface-token", f"hf_{ALNUM[:34]}"),
    ("digitalocean-token", f"dop_v1_{HEX}{HEX}"),
    ("docker-token", "dckr_pat_ab_cd-ef_gh-ij_kl-mn_op-qr"),
    ("vault-token", f"hvs.{ALNUM}"),
    ("linear-token", f"lin_api_{ALNUM}"),
    ("shopify-token", f"shpat_{HEX}"),
    ("mailgun-key", f"key-{HEX}"),
    ("grafana-token", f"glsa_{ALNUM[:32]}_1a2b3c4d"),
    ("atlassian-token", f"ATATT3{ALNUM}"),
    ("square-token", f"sq0atp-{ALNUM[:22]}"),
    ("telegram-token", f"123456789:AA{ALNUM[:33]}"),
    ("doppler-token", f"dp.pt.{ALNUM}"),
]
PLACES = {
    "alone": "{}",
    "in prose": "the server said {} and hung up",
    "parametrized node id": "tests/test_a.py::test_b[{}]",
    "between parameters": "tests/test_a.py::test_b[one-{}-two]",
    "file name": "/tmp/run/{}.txt",
    "repr": "assert response == {{'value': '{}'}}",
    "json": '{{"data": ["{}"]}}',
    "escaped json": '"{{\\"data\\": \\"{}\\"}}"',
    "url": "https://host/path?x={}&y=1",
    "colour": "\x1b[31m{}\x1b[0m",
    "after a line": "first\n{}\nlast",
}


class TestKnownTokens:
    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
    @pytest.mark.parametrize(("kind", "token"), TOKENS, ids=[one for _, one in TOKENS])
    def test_are_redacted_wherever_they_stand(self, kind: str, token: str, place: str) -> None:
        redacted = redact(place.format(token))

        body = token[len(token) // 2 :]
        assert body not in redacted
        assert "[redacted:" in redacted

    @pytest.mark.parametrize(("kind", "token"), TOKENS, ids=[one for _, one in TOKENS])
    def test_are_named_by_kind(self, kind: str, token: str) -> None:
        assert f"[redacted:{kind}]" in redact(f"saw {token} there")

    def test_the_secret_half_of_an_aws_pair_goes_with_its_id(self) -> None:
        pair = "AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

        assert redact(pair) == "[redacted:aws-key],[redacted:aws-key]"

    @pytest.mark.parametrize(
        ("url", "secret"),
        [
            ("https://hooks.slack.com/services/T00/B00/abcDEF123", "abcDEF123"),
            ("https://discord.com/api/webhooks/123456/abc-DEF_123", "abc-DEF_123"),
            ("https://x.blob.core.windows.net/c?sv=1&sig=ab%2Bcd&se=2", "ab%2Bcd"),
            ("https://s3/x?X-Amz-Signature=0123abcd&y=1", "0123abcd"),
        ],
    )
    def test_urls_that_are_secrets_lose_their_secret_part(self, url: str, secret: str) -> None:
        assert secret not in redact(url)


# A text, and what is left of it.
VALUES = {
    "assignment": ("password=hunter2", "password=[redacted:password]"),
    "spaced": ("password = hunter2", "password = [redacted:password]"),
    "json": ('{"password": "x1y2"}', '{"password": "[redacted:password]"}'),
    "json in json": (
        '"{\\"password\\": \\"x1y2\\", \\"a\\": 1}"',
        '"{\\"password\\": \\"[redacted:password]\\", \\"a\\": 1}"',
    ),
    "repr": (
        "{'user': 'bob', 'password': 'x1y2'}",
        "{'user': 'bob', 'password': '[redacted:password]'}",
    ),
    "bytes": ("{'token': b'ab12cd34'}", "{'token': b'[redacted:token]'}"),
    "keyword": (
        "connect(host='h', password='x y, z', user='u')",
        "connect(host='h', password='[redacted:password]', user='u')",
    ),
    "query": ("https://h/p?token=ab12cd&x=1", "https://h/p?token=[redacted:token]&x=1"),
    "form": ("user=bob&password=p%40ss&x=1", "user=bob&password=[redacted:password]&x=1"),
    "option": ("login --password hunter2 now", "login --password [redacted:password] now"),
    "option with =": ("login --api-key=ab12cd now", "login --api-key=[redacted:key] now"),
    "option in a list": (
        "['login', '--password', 'hunter2', 'now']",
        "['login', '--password', '[redacted:password]', 'now']",
    ),
    "yaml": (
        "db:\n  password: hunter2\n  port: 1",
        "db:\n  password: [redacted:password]\n  port: 1",
    ),
    "yaml word": ("password: swordfish\n", "password: [redacted:password]\n"),
    "yaml quoted": ('  secret: "two words"', '  secret: "[redacted:secret]"'),
    "said": ('the secret "hunter2abc" was leaked', 'the secret "[redacted:secret]" was leaked'),
    "not found": ('secret: "hunter2" not found', 'secret: "[redacted:secret]" not found'),
    "env": ("export DB_PASSWORD=hunter2", "export DB_PASSWORD=[redacted:password]"),
    "environ": ("os.environ['API_KEY'] = 'ab12cd34'", "os.environ['API_KEY'] = '[redacted:key]'"),
    "xml": ("<password>hunter2</password>", "<password>[redacted:password]</password>"),
    "odbc": ("Server=h;Pwd=hunter2;Db=x", "Server=h;Pwd=[redacted:password];Db=x"),
    "azure": (
        "AccountName=x;AccountKey=ab12==;EndpointSuffix=core",
        "AccountName=x;AccountKey=[redacted:key];EndpointSuffix=core",
    ),
    "comparison": ("assert token == 'ab12cd34'", "assert token == '[redacted:token]'"),
    "call": ("client.set_password('hunter2')", "client.set_password('[redacted:password]')"),
    "annotated": ('token: str = "ab12cd34"', 'token: str = "[redacted:token]"'),
    "secret str": ("password=SecretStr('hunter2')", "password=SecretStr('[redacted:password]')"),
    "camel case": ('"clientSecret": "ab12cd34"', '"clientSecret": "[redacted:secret]"'),
    "upper case": ("AWS_SECRET_ACCESS_KEY=ab/cd+ef12", "AWS_SECRET_ACCESS_KEY=[redacted:key]"),
    "header": ("X-Api-Key: ab12cd34", "X-Api-Key: [redacted:key]"),
    "header tuple": ("('X-Api-Key', 'ab12cd34')", "('X-Api-Key', '[redacted:key]')"),
    "list": ("password=['hunter2']", "password=['[redacted:password]']"),
    "tuple": ('password=("hunter2",)', "password=([redacted:password])"),
    "parsed form": (
        "{'user': ['bob'], 'password': ['hunter2']}",
        "{'user': ['bob'], 'password': ['[redacted:password]']}",
    ),
    "object": ("Password(value='hunter2')", "Password(value='[redacted:password]')"),
    "tag of YAML": ("password: !vault x1y2", "password: !vault [redacted:password]"),
    "block of YAML": (
        "password: |-\n  x1y2\nuser: bob",
        "password: |-\n  [redacted:password]\nuser: bob",
    ),
    "many": ("passwords = ['hunter2', 'b3'], 1", "passwords = [[redacted:password]], 1"),
    "by name": (
        "{'passwords': {'root': 'hunter2'}}",
        "{'passwords': {'root': '[redacted:password]'}}",
    ),
    "open list": ("password=['hunter2', 'x", "password=[[redacted:password]"),
    "arrow": ('{:password=>"hunter2"}', '{:password=>"[redacted:password]"}'),
    "spaced arrow": ("'db_password' => 'hunter2'", "'db_password' => '[redacted:password]'"),
    "said of a field": (
        "{'password': ['This field is required.']}",
        "{'password': ['This field is required.']}",
    ),
    "open quote": ("password='hunter2 and the rest was cut", "password='[redacted:password]"),
    "escaped quote": (r"password='hun\'ter2', x=1", "password='[redacted:password]', x=1"),
    "node id": ("test_a[user-password=hunter2]", "test_a[user-password=[redacted:password]]"),
    "auth pair": (
        "get(url, auth=('bob', 'x1y2'))",
        "get(url, auth=('bob', '[redacted:password]'))",
    ),
    "curl": ("curl -u bob:x1y2 host", "curl -u bob:[redacted:password] host"),
    "url": ("postgres://bob:x1y2@host/db", "postgres://bob:[redacted:url-password]@host/db"),
    "url with @ in it": ("amqp://bob:x@y@host/", "amqp://bob:[redacted:url-password]@host/"),
    "url without user": ("redis://:x1y2@host", "redis://:[redacted:url-password]@host"),
    "url token": (
        "https://0123456789abcdef0123@host/1",
        "https://[redacted:url-password]@host/1",
    ),
    "bearer": ("Authorization: Bearer ab.12-cd", "Authorization: Bearer [redacted:authorization]"),
    "basic": (
        "{'Authorization': 'Basic dXNlcjpwYXNz'}",
        "{'Authorization': 'Basic [redacted:authorization]'}",
    ),
    "digest": (
        'Authorization: Digest username="bob", response="ab12"',
        None,
    ),
    "unknown scheme": ("authorization: ab12cd", "authorization: [redacted:authorization]"),
    "bare bearer": ("sent Bearer ab12cd34ef", "sent Bearer [redacted:authorization]"),
    "bare basic": ("sent Basic dXNlcjpwYXNz", "sent Basic [redacted:authorization]"),
    "cookie": (
        "Cookie: sid=ab12; theme=dark",
        "Cookie: sid=[redacted:cookie]; theme=[redacted:cookie]",
    ),
    "set-cookie": (
        "Set-Cookie: sid=ab12; Path=/; HttpOnly",
        "Set-Cookie: sid=[redacted:cookie]; Path=/; HttpOnly",
    ),
}

SIXTEEN = "aB3dE6gH9jK2mN5p"
# Commands and sentences that hold a secret, here `X`, without a name beside it.
HOLDING = [
    "docker login -p X",
    "docker login -u bob -p X ghcr.io",
    "docker login -u bob \\\n  -p X ghcr.io",
    "['docker', 'login', '-p', 'X']",
    '["docker","login","-p","X"]',
    "az acr login -n shop -p X",
    "helm registry login host -u bob -p X",
    "mysql -pX",
    "mysql -uroot -pX shop",
    "mysql -u pytest -pX",
    "docker exec db mysql -pX",
    "mysqldump -h host -p'X' shop",
    "['mariadb', '-uroot', '-pX']",
    "mongosh -u bob -p X",
    "redis-cli -h host -a X ping",
    "ldapsearch -x -D cn=bob -w X",
    "twine upload -p X dist/*",
    "poetry publish -u bob -p X",
    "poetry config http-basic.shop bob X",
    "sshpass -p X ssh host",
    "sshpass -pX ssh host",
    "sshpass -p 'X' ssh host",
    "openssl enc -aes-256-cbc -k X -in file",
    "aws configure set aws_secret_access_key X",
    "aws configure set aws_secret_access_key X --profile shop",
    "npm config set //registry/:_authToken X",
    "npm set //registry/:_authToken X",
    "docker login -u bob -pX ghcr.io",
    "sqlcmd -S host -PX -d shop",
    "keytool -list -storepass X",
    "jarsigner -storepass X shop.jar bob",
    "7z a -pX out.7z shop",
    "zip -P X out.zip shop",
    "unzip -P X out.zip",
    "dotnet nuget push shop.nupkg -k X -s https://host",
    "vault login X",
    "['vault', 'login', 'X']",
    "vault login -no-print X",
    "cargo login X",
    "cargo login --registry shop X",
    "pulumi config set --secret shop X",
    "pulumi config set shop X --secret",
    "htpasswd -b users bob X",
    "htpasswd -cbB users bob X",
    "htpasswd -nb bob X",
    "skopeo copy --src-creds bob:X --dest-creds=bob:X docker://a docker://b",
    "podman pull --creds bob:X image",
    "smbclient -U bob%X //host/share",
    "smbclient //host/share -Ubob%X",
    "curl -ubob:X https://host",
    "curl --proxy-user bob:X https://host",
    "['curl', '-U', 'bob:X']",
    "kubectl create secret generic shop --from-literal=user=bobby --from-literal=pw=X",
    "CREATE USER bob IDENTIFIED BY 'X'",
    "SQL: create user bob identified by 'X' password expire",
    "ALTER USER bob IDENTIFIED WITH caching_sha2_password BY 'X'",
    "curl -b session=X https://host",
    "ValueError: invalid token X",
    "Invalid API key provided: X.",
    "token X expired",
    "login with token 'X'",
    "GET https://maps.example.com/api?key=X&x=1",
    "https://example.com/cb?state=a&code=X",
    "curl -s -b 'session=X; theme=X' https://host",
    "curl --cookie session=X https://host",
    "['curl', '-b', 'session=X']",
    "machine host login bob password X",
    "machine host\n  login bob\n  password X",
    "login bob\npassword X\n",
    "the password is X",
    "The password was 'X'.",
    '<add key="Password" value="X"/>',
    "<add key='Shop.Password' value='X' />",
    '<input name="csrf_token" type="hidden" value="X">',
    '{"name": "SHOP_PASSWORD", "value": "X"}',
    "- name: SHOP_TOKEN\n  value: X\n",
]

# What pytest shows of a secret that nothing introduces: X by its name, wherever else it stands.
SHOWN = {
    "attribute": "assert 'X' == 'other'\n +  where 'X' = <shop.Settings at 0x7f>.db_password",
    "call": "assert 'X' == 'other'\n +  where 'X' = get_token('ci')",
    "of an attribute": "assert 'X' == ''\n +  where 'X' = Settings().password.get_secret_value()",
    "field": "Drill down:\n  db_password: 'X' != 'X'\n  - X\n  + X",
    "source": (
        ">       assert load().db_password == read()\n"
        "E       AssertionError: assert 'X' == 'X'\nE         \nE         - X\nE         + X"
    ),
    "short source": '    assert cfg["secret_key"] == read()\nE   assert "X" == "X"',
    "pydantic": (
        "1 validation error for Settings\ndb_password\n  String should have at least 40 characters "
        "[type=string_too_short, input_value='X', input_type=str]"
    ),
    "pairs": "refused: [('user', 'bob'), ('client_secret', 'X')]",
    "item on the right": "    assert it == cfg[\"password\"]\nE   assert 'X' == 'X'",
    "call on the right": "    assert it == get_password()  # noqa\nE   assert 'X' == 'X'",
    "on the right": "    assert expected == settings.api_key\nE   assert 'X' == 'X'",
    "parameters": (
        "[SQL: INSERT INTO users (email, password, name) VALUES (?, ?, ?)]\n"
        "[parameters: ('bob@example.com', 'X', 'bob')]"
    ),
    "some parameters": (
        '[SQL: INSERT INTO users (id, "password", n) VALUES (DEFAULT, trim(?), ?)]\n'
        "[parameters: ('X', 'bob')]"
    ),
    "rows of parameters": (
        "[SQL: INSERT INTO users (email, auth_token) VALUES ($1, $2)]\n"
        "[parameters: [('a', 'X'), ('b', 'X')]]"
    ),
    "parameters of an update": (
        "[SQL: UPDATE users SET name=?, api_key=? WHERE users.id = ?]\n"
        "[parameters: ('bob', 'X', 3)]"
    ),
    "parameters of a query": (
        "[SQL: SELECT users.password FROM users WHERE users.name = %s AND users.password = %s]\n"
        "[parameters: ('bob', 'X')]"
    ),
    "inserted in lines": "INSERT INTO users (name, password)\nVALUES ('bob', 'X')",
    "inserted by a call": (
        "INSERT INTO users (name, password) VALUES (lower('Bob'), crypt('X', gen_salt('bf')))"
    ),
    "in a list": (
        "[SQL: SELECT id FROM users WHERE users.id = ? AND users.token IN (?, ?)]\n"
        "[parameters: ('uid-5', 'X', 'X')]"
    ),
    "in lower case": (
        "[SQL: SELECT id FROM users WHERE lower(users.token) = ?]\n[parameters: ('X',)]"
    ),
    "inserted or set": (
        "[SQL: INSERT INTO users (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET password = ?]\n"
        "[parameters: ('bob', 'X')]"
    ),
    "numbered": (
        "[SQL: UPDATE users SET password=$2 WHERE users.id = $1]\n[parameters: ('uid-5', 'X')]"
    ),
    "inserted": "INSERT INTO shop.users (email, password) VALUES (lower('a'), 'X'), ('b', 'X')",
    "unique": "DETAIL:  Key (user_id, token)=(5, X) already exists.",
    "unique alone": "DETAIL:  Key (api_key)=(X) already exists.",
    "unique of mysql": "(1062, \"Duplicate entry 'X' for key 'tokens.token'\")",
    "login": "smtp.login('bob', 'X'), credentials = ('bob', 'X')",
    "short names": "pw=X\nWIFI_PSK=X\nstripe_key='X'",
    "oracle": "jdbc:oracle:thin:scott/X@db:1521:xe, sqlplus -S scott/X@db",
    "again": "login(user='bob', password='X') failed: X is no password of bob, /home/X",
}

HARMLESS = [
    "--- PASS: TestLoad/from_environment (0.00s)",
    "Secret:(*core.SecretVolumeSource)(nil), Name:x",
    "AssertionError: files with a secret: ['src/app/cli.py']",
    "    assert lexer.token == other\nE   assert 'while' == 'until'",
    "    assert validate(password) == other\nE   assert 'accepted' == 'too short'",
    "    assert 'password is required' in errors\nE   assert 'password is required' in 'fine'",
    "    assert form.errors['password'] == []\nE   assert ['This field is required.'] == []",
    "    assert s.password_error == other\nE   assert 'fine' == 'too short'",
    "where 'too weak' = check_password()",
    "password: | None = None",
    "assert fields == [('password', 'username'), ('token', 'kind')]",
    "user_name\n  Input should be shorter [type=x, input_value='Tr0ub4dor&3', input_type=str]",
    "pytest -p no:cacheprovider -p xdist tests/login",
    "pytest -k mysql -pno:xdist",
    "pytest tests/mysql -p no:randomly",
    "mkdir -p build/login/mysql",
    "ssh -p 2222 login.example.com",
    "docker run -p 80:80 --name login nginx",
    "docker run --name mysql -p3306:3306 mysql:8",
    "docker compose -p shop run login -p 80:80",
    "docker login -u bob --password-stdin",
    "docker login -u bob -p $TOKEN",
    "docker login -u bob -p ${{ secrets.TOKEN }}",
    "mysql -P 3306 -h host shop",
    "mysql -uroot -p shop",
    "gcc shop.c -L/usr/lib/mysql -lmysqlclient -pthread",
    "twine check -p dist/shop.whl",
    "openssl req -key server.pem -keyout out.pem",
    "aws configure set region eu-central-1",
    "npm config set registry https://registry.example.com",
    "configure the client secret before the first use",
    "curl -b cookies.txt https://example.com",
    "curl -X POST https://example.com -p 8080",
    "password must not be empty",
    "the password is required",
    "password is 8 characters or more",
    "the password is sha256-hashed",
    '<add key="Timeout" value="120s"/>',
    '<property name="tokens" value="4096tokens"/>',
    '<property name="eos_token" value="im_end_17"/>',
    '{"name": "max_token", "value": "4096"}',
    '{"name": "colour", "value": "dark-blue-17"}',
    "password=None",
    "password: null",
    "password=''",
    "password=***",
    "password: <password>",
    "password=${DB_PASSWORD}",
    "password=$DB_PASSWORD",
    "password=os.environ['DB_PASSWORD']",
    "password=user_password",
    "password=self.password",
    "token: str",
    "token: str | None = None",
    "def f(token: Optional[str], secret: bytes)",
    "token = next(tokens)",
    "token=1",
    "tokens: 12",
    "max_tokens=4096",
    "token_type: bearer",
    "eos_token='</s>'",
    "secrets.token_hex(16)",
    "token = secrets.token_urlsafe()",
    "tokenize: failed",
    "tokenizer = Tokenizer(vocab)",
    "KeyError: 'token'",
    "KeyError: 'customer_key'",
    "primary_key=12345678",
    "sort_key = lambda one: one.name",
    "unexpected token: IDENT at line 5",
    "SyntaxError: unexpected token '}'",
    "    assert form.password == other\nE   assert 'is too short' == 'is required'",
    "    assert errors['password'] == code\nE   assert 'E1001' == 'TOO_SHORT'",
    "    assert urls.reset_password == url\nE   assert '/reset/1' == '/reset/2'",
    "    assert page.invalid_password == it\nE   assert 'a1B2-x' == 'a1B2-y'",
    "password_file: '/run/pw1' != '/run/pw2'",
    "invalid password: must be at least 8 characters",
    "the password is wrong",
    "tests/test_auth.py::test_password_reset PASSED",
    "get_secret('db/name')",
    "author: bob",
    "compass: north",
    "DETAIL:  Key (id, name)=(5, token) already exists.",
    "Duplicate entry 'bob' for key 'users.name'",
    "invalid token at position 12",
    "SMTP AUTH PLAIN mechanism not supported",
    "Duplicate entry 'bob@example.com' for key 'access_tokens.user_email'",
    "INSERT INTO users (name, password) VALUES (lower('Bobby17'), NULL)",
    "https://jira.test/browse?key=PROJECT-12345",
    "got token IDENTIFIER_2 but wanted NUMBER",
    "unknown token test_parser_v2 in grammar",
    "invalid token 2024-01-01T00:00:00",
    "unexpected token } in JSON",
    "token expired at 2026-11-24",
    "gpw=abcdef",
    "mask: npw",
    "[SQL: INSERT INTO users (email, token_type) VALUES (?, ?)]\n[parameters: ('a@b.c', 'bearer')]",
    "[SQL: SELECT password FROM users WHERE name = ?]\n[parameters: ('bob',)]",
    "INSERT INTO keys (id, name) VALUES (1, 'bob')",
    "https://example.com/?code=E1001&key=name-of-a-person",
    "bypass=true",
    "12 passed: fine",
    "PWD=/home/bob/project",
    "Basic authentication is required",
    "Bearer of bad news",
    "http://localhost:8080/users/@me",
    "git@github.com:owner/name.git",
    "user@example.com",
    "https://example.com/a/b?page=2",
    "task-list-of-all-the-things-to-do",
    "risk-assessment-of-everything-2024-11",
    "0123456789abcdef0123456789abcdef01234567",
    "123e4567-e89b-12d3-a456-426614174000",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "ConnectionRefusedError: [Errno 111]",
    "-----BEGIN CERTIFICATE-----",
    "cookies are enabled",
    "docker login -p needs an argument",
    "docker login --password-stdin -project",
    "mysql -project foo",
    "mysql -port 3306",
    "Authorization: required",
    "vault login failed after 12345678 tries",
    "vault login -method=userpass username=bob",
    "cargo login is required",
    "pulumi config set region eu-central-1",
    "htpasswd -c users somebody",
    "7z a out.7z -project",
    "xargs -P 1024 zip out.zip shop",
    "unzip -p out.zip shop.txt",
    "curl -u bob https://host:8080/path",
    "curl https://host:8080/path -o out",
    "kubectl create configmap shop --from-literal=colour=darkblue",
    "a row is identified by 'customer_id'",
    'Error: secret "regcred" not found',
    "secret 'db-creds' not found",
    'secrets "regcred" not found',
    'secret "shop/regcred" already exists',
    'secrets "regcred" is forbidden: User "bob" cannot get it',
    "the secret 'db-creds' in namespace 'shop' is gone",
    '{"message": "secret \\"regcred\\" is missing"}',
    'Secret "regcred" does not exist',
]


class TestValuesOfSecretNames:
    @pytest.mark.parametrize(("text", "left"), VALUES.values(), ids=VALUES)
    def test_are_redacted_and_the_rest_is_readable(self, text: str, left: str | None) -> None:
        redacted = redact(text)

        if left is None:
            assert "ab12" not in redacted
        else:
            assert redacted == left

    @pytest.mark.parametrize("text", HOLDING)
    def test_of_a_command_or_a_sentence_go_and_nothing_else(self, text: str) -> None:
        redacted = redact(text.replace("X", SIXTEEN))

        assert re.sub(r"\[redacted:(?:password|cookie|token|key|secret)\]", "X", redacted) == text

    @pytest.mark.parametrize("text", [one for one in HOLDING if "\n" not in one and one[0] > "a"])
    def test_of_an_argument_go_from_the_line_of_a_command(self, text: str) -> None:
        line = redact_command(redact, shlex.split(text.replace("X", SIXTEEN)))

        assert SIXTEEN not in line
        assert "[redacted:" in line

    @pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
    def test_of_what_pytest_explains_go_wherever_they_are_told(self, text: str) -> None:
        shown = redact(text.replace("X", "Tr0ub4dor&3"))

        assert "Tr0ub4dor&3" not in shown
        assert re.sub(r"\[redacted:[a-z]+\]", "X", shown) == text

    @pytest.mark.parametrize(
        ("value", "elsewhere"),
        [
            ("test_user_1", "tests/test_a.py::test_user_1 FAILED"),
            ("Test_User_1", "tests/test_a.py::Test_User_1 FAILED"),
            ("Settings1", "in /srv/Settings1/app.py, Settings1.py and shop.Settings1"),
            ("/srv/shop-1", "no file /srv/shop-1/app.py"),
            ("shop_db_v2", "relation shop_db_v2 is gone"),
        ],
    )
    def test_that_are_names_stay_where_a_name_is_meant(self, value: str, elsewhere: str) -> None:
        shown = redact(f"password='{value}'\n{elsewhere}")

        assert shown == f"password='[redacted:password]'\n{elsewhere}"

    def test_that_are_a_word_are_no_secret_elsewhere(self) -> None:
        shown = redact("connect(user='postgres', password='postgres')")

        assert shown == "connect(user='postgres', password='[redacted:password]')"

    @pytest.mark.parametrize(
        "value", ["correct horse battery", "HUNTERTWO", "/s3cretPw9", "E1001x9"]
    )
    @pytest.mark.parametrize("name", ["settings.password", "settings.db_password"])
    def test_that_an_assertion_shows_are_redacted_whatever_they_look_like(
        self, name: str, value: str
    ) -> None:
        shown = redact(f">       assert {name} == other\nE       assert '{value}' == 'x'\n")

        assert value not in shown

    @pytest.mark.parametrize(
        "told",
        [
            ("token", "deadbeef0123456789abcdef01234567"),
            ("token", "0eadbeef0123456789abcdef01234567"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            ("password", "hunter2_secret9"),
        ],
        ids=["hex", "digits", "base64", "password"],
    )
    def test_that_can_mean_nothing_else_are_redacted_where_no_name_is(
        self, told: tuple[str, str]
    ) -> None:
        name, value = told

        assert value not in redact(f"{name}='{value}'\nsigned with {value} and sent")

    def test_of_columns_that_cannot_be_told_apart_go_all(self) -> None:
        shown = redact("Key (name, token)=(Doe, John, s3cr3tzz9) already exists.")

        assert shown == "Key (name, token)=([redacted:password]) already exists."

    @pytest.mark.parametrize("text", HARMLESS)
    def test_what_is_no_secret_stays(self, text: str) -> None:
        assert redact(text) == text

    def test_a_text_with_letters_that_grow_in_lower_case_keeps_its_places(self) -> None:
        assert redact("İİİ password=hunter2 İ") == "İİİ password=[redacted:password] İ"

    def test_surrogates_and_nul_are_no_obstacle(self) -> None:
        assert redact("\ud800\0 password=hunter2") == "\ud800\0 password=[redacted:password]"


BODY = "\n".join([ALNUM + ALNUM[:24]] * 4)
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\nabc12==\n-----END RSA PRIVATE KEY-----"


class TestPrivateKeys:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(KEY, id="whole"),
            pytest.param(KEY.replace("RSA ", ""), id="pkcs8"),
            pytest.param(KEY.replace("RSA", "OPENSSH"), id="openssh"),
            pytest.param(KEY.replace("\n", "\\n"), id="repr"),
            pytest.param(KEY.replace("\n", "\\\\n"), id="repr of repr"),
            pytest.param("\n".join(f"E   {line}" for line in KEY.split("\n")), id="pytest"),
            pytest.param("\n".join(f"    {line}" for line in KEY.split("\n")), id="yaml"),
            pytest.param(KEY[: len(KEY) // 2], id="end cut"),
            pytest.param(KEY.replace("\n", "\\n")[: len(KEY) // 2], id="end cut in repr"),
            pytest.param(KEY[len(KEY) // 3 :], id="begin cut"),
            pytest.param(KEY.replace("\n", "\\n")[len(KEY) // 3 :], id="begin cut in repr"),
        ],
    )
    def test_leave_nothing_behind(self, text: str) -> None:
        redacted = redact(f"before it\n{text}\nafter it")

        assert redacted.startswith("before it")
        assert "[redacted:private-key]" in redacted
        assert redacted.endswith("after it")
        assert not [n for n in range(len(ALNUM) - 8) if ALNUM[n : n + 8] in redacted]

    def test_words_after_a_cut_key_stay(self) -> None:
        redacted = redact(f"{KEY[:120]}\nAssertionError: and then it failed")

        assert "AssertionError: and then it failed" in redacted


SECRET = "s3cr3t/Value+of\"the'Vault"
ODD = {
    "beyond ascii": "geh\xebim-w\xf6rd-42",
    "quotes and a backslash": "pa'ss\\word\"9x",
    "two alphabets": "\u043f\u0430\u0440\U0001f511'x\"y\\z",
    "lines": "first 1\nsecond 2",
}
# How others write a value; what an id, a log line or a document holds of it.
WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "repr": lambda value: repr(value)[1:-1],
    "ascii": lambda value: ascii(value)[1:-1],
    "repr of repr": lambda value: repr(repr(value)),
    "repr among other quotes": lambda value: repr([f"\"'{value}"])[5:-2],
    "id of a text": lambda value: value.encode("unicode_escape").decode("ascii"),
    "repr of an id": lambda value: repr(value.encode("unicode_escape").decode("ascii"))[1:-1],
    "id of bytes": lambda value: ascii_escaped(value.encode()),
    "repr of bytes": lambda value: repr(value.encode())[2:-1],
    "repr of bytes in a repr": lambda value: repr(repr(value.encode())),
    "json": lambda value: json.dumps(value)[1:-1],
    "json of json": lambda value: json.dumps(json.dumps(value))[3:-3],
    "json with capital digits": lambda value: re.sub(
        r"u[0-9a-f]{4}", lambda match: "u" + match[0][1:].upper(), json.dumps(value)[1:-1]
    ),
    "doubled backslashes": lambda value: value.replace("\\", "\\\\"),
    "url": quote,
    "form": quote_plus,
    "url with small digits": lambda value: re.sub(
        "%..", lambda match: match[0].lower(), quote(value)
    ),
    "word of a shell": lambda value: shlex.quote(value)[1:-1],
    "html": html.escape,
    "numbers in html": lambda value: value.encode("ascii", "xmlcharrefreplace").decode("ascii"),
    "read as another encoding": lambda value: value.encode().decode("latin-1"),
    "without what is not ascii": lambda value: value.encode("ascii", "replace").decode("ascii"),
}


class TestEnvironment:
    @pytest.mark.parametrize(
        "name",
        [
            *("GITHUB_TOKEN", "DB_PASSWORD", "MY_SECRET", "AWS_SECRET_ACCESS_KEY", "API_KEY"),
            *("STRIPE_APIKEY", "PRIVATE_STUFF", "APP_CREDENTIALS", "ROOT_PASSWD", "SIGNING_KEY"),
            *("db_password", "SMTP_PASS"),
        ],
    )
    def test_values_of_secret_names_are_redacted(self, name: str) -> None:
        assert Redactor({name: "plain-value-17"})("saw plain-value-17.") == "saw [redacted:env]."

    @pytest.mark.parametrize(
        "form",
        [
            pytest.param(quote(SECRET, safe=""), id="url-quoted"),
            pytest.param(quote(SECRET), id="path-quoted"),
            pytest.param(repr(SECRET)[1:-1], id="repr"),
            pytest.param(SECRET.replace('"', '\\"'), id="json"),
            pytest.param(base64.b64encode(SECRET.encode()).decode(), id="base64"),
            pytest.param(base64.b64encode(b"bob:" + SECRET.encode()).decode(), id="in base64"),
            pytest.param(
                base64.urlsafe_b64encode(b"bo:" + SECRET.encode()).decode(), id="url base64"
            ),
        ],
    )
    def test_other_forms_of_the_value_are_redacted_too(self, form: str) -> None:
        redacted = Redactor({"VAULT_SECRET": SECRET})(f"x {form} y")

        assert "[redacted:env]" in redacted
        assert form[8:-8] not in redacted

    @pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
    @pytest.mark.parametrize("value", ODD.values(), ids=ODD)
    def test_however_a_value_is_written_it_is_known(
        self, value: str, write: Callable[[str], str]
    ) -> None:
        clean = Redactor({"DB_PASSWORD": value})

        shown = clean(f"it was {write(value)} then")

        assert re.fullmatch(r"it was [b'\"\\]*\[redacted:env\]['\"\\]* then", shown)

    def test_a_value_that_is_no_utf8_is_known_where_its_bytes_are_written(self) -> None:
        clean = Redactor({"DB_PASSWORD": b"geh\xebim-17-x".decode("utf-8", "surrogateescape")})

        assert clean(r"b'geh\xebim-17-x' geh%EBim-17-x") == "b'[redacted:env]' [redacted:env]"

    def test_a_password_that_a_url_quotes_is_known_without_the_quoting(self) -> None:
        clean = Redactor({"DATABASE_URL": "postgres://bob:p%40ss-w%C3%B6rd@host/db"})

        assert clean("login p@ss-wörd") == "login [redacted:env]"

    def test_the_forms_of_a_plain_value_are_few(self) -> None:
        forms = environ.secret_values({"A_TOKEN": "plainvalue17"})

        assert sum(map(len, forms.values())) < 6

    @pytest.mark.parametrize("text", [r"\xe4b", r"a\\b 1", "ab 12", "xäb12cdx", r"b'\xc3\xa4b'"])
    def test_the_forms_of_a_short_value_hide_nothing_else(self, text: str) -> None:
        assert Redactor({"TOKEN": "äb12cd"})(text) == text

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(("TOKEN", "1"), ("TOKEN", "true"), ("PASSWORD", "postgres"), ("SECRET", "changeme")),
            *(("HOME", "plain-value-17"), ("TOKEN_FILE", "/run/secrets/token"), ("API_KEY", "")),
            *(("TOKENIZERS_PARALLELISM", "disabled-17"), ("PASSWORD", "aaaaaaaa")),
        ],
    )
    def test_harmless_values_redact_nothing(self, name: str, value: str) -> None:
        text = f"1 true {value} postgres 17"

        assert Redactor({name: value})(text) == text

    def test_a_short_value_must_stand_alone(self) -> None:
        clean = Redactor({"TOKEN": "abc123"})

        assert clean("0abc1239 abc123") == "0abc1239 [redacted:env]"

    def test_lines_of_a_long_value_are_secrets_each(self) -> None:
        clean = Redactor({"DEPLOY_KEY": "first-line-of-the-key-1\nsecond-line-of-the-key-2"})

        assert clean("x second-line-of-the-key-2 y") == "x [redacted:env] y"

    def test_a_password_within_a_url_is_one_under_any_name(self) -> None:
        clean = Redactor({"DATABASE_URL": "postgres://bob:p4ss-word-9@host/db"})

        assert clean("login p4ss-word-9") == "login [redacted:env]"


class TestExtending:
    def test_patterns_of_the_configuration_are_redacted(self) -> None:
        clean = Redactor(patterns=[r"CUST-\d+", r"pin (?P<secret>\d{4})"])

        assert clean("CUST-17 has pin 1234") == "[redacted:custom] has pin [redacted:custom]"

    def test_a_pattern_that_is_none_is_named(self) -> None:
        with pytest.raises(ConfigError, match=r"tool\.failtrack\.redact.*'\(open'"):
            Redactor(patterns=["(open"])

    def test_a_pattern_that_matches_nothing_changes_nothing(self) -> None:
        assert Redactor(patterns=["x*"])("abc") == "abc"

    def test_functions_have_the_last_word(self) -> None:
        clean = Redactor(extra=[lambda text: text.replace("bob", "[somebody]")])

        assert clean("bob: password=hunter2") == "[somebody]: password=[redacted:password]"

    def test_a_function_that_raises_is_reported_once_and_costs_nothing(self) -> None:
        def broken(text: str) -> str:
            raise RuntimeError("no")

        clean = Redactor(extra=[broken])

        assert [clean("a password=hunter2"), clean("b")] == ["a password=[redacted:password]", "b"]
        assert len(clean.problems) == 1
        assert "broken" in clean.problems[0]


PIECES = st.sampled_from(
    [
        *(
            "password=",
            "token: ",
            '"',
            "'",
            "\\",
            "\n",
            " ",
            "=",
            ":",
            ",",
            "a",
            "1",
            "-",
            "_",
            ".",
        ),
        *(
            "ghp_",
            ALNUM,
            "://",
            "@",
            "Authorization: ",
            "Bearer ",
            "cookie: ",
            "a=b;",
            "[redacted:x]",
        ),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
            "eyJ",
            "sk-",
            "AKIA",
            "[",
            "]",
        ),
        *(
            "--password ",
            "auth=('a','b')",
            "secret",
            "key",
            "api_key",
            "s3cr3t-value",
            "\0",
            "(",
            ")",
        ),
    ]
)


class TestProperties:
    @settings(max_examples=400, deadline=None)
    @given(st.lists(PIECES, max_size=25).map("".join))
    def test_a_redacted_text_stays_as_it_is(self, text: str) -> None:
        clean = Redactor({"A_TOKEN": "s3cr3t-value"})

        once = clean(text)

        assert clean(once) == once

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=300))
    def test_any_text_is_taken(self, text: str) -> None:
        assert isinstance(redact(text), str)

    @pytest.mark.parametrize("kind_and_token", TOKENS[:6])
    def test_redacting_twice_is_redacting_once(self, kind_and_token: tuple[str, str]) -> None:
        once = redact(f"password={kind_and_token[1]}; {kind_and_token[1]}")

        assert redact(once) == once

    @pytest.mark.parametrize(
        "piece",
        [
            *("password=", "token: a=", '"', "\\", "://a:", "-a", "_a", ".a1", "eyJ", "sk-", "a,"),
            *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "Basic a", "cookie: a="),
            *("auth=('", "--password ", "AKIA", "SG.", "key: ", "MII" * 20 + "\n", "curl -u a"),
            *(
                "docker login ",
                "mysql -",
                "config set a",
                "password is ",
                "name=token value=",
                "curl -b a=",
            ),
            *("vault login -a ", "pulumi config set --secret a ", "htpasswd -b a "),
            *("create identified by ", "IDENTIFIED BY ' ", "create secret --from-literal=a="),
            *("where 'a' = ", "assert password == 'a' == ", "\n> assert 'a' == x.password\n"),
            *("password: 'a' != ", "password: !", "password: |\n ", "--- PASS: a "),
            *("password\n input_value='a", "('password', 'a'", "jdbc:oracle:thin:a/", "?key=1a"),
            *("[sql: insert into a (password) values (?)]\n[parameters: ('a'", "[parameters: ("),
            *("key (token)=(a", "duplicate entry 'a", "invalid token a1", ".login('a', '", "pw=a "),
            *("insert into a(password)values(", "insert into a(password,", "sqlplus -a "),
            *("--creds a", "7z -p ", "smbclient -Ua", 'secret "regcred', 'secret "a" not '),
        ],
    )
    def test_hostile_text_takes_linear_time(self, piece: str) -> None:
        text = (piece * 40_000)[:40_000]
        started = time.process_time()

        redact(text)

        assert time.process_time() - started < 20  # what is not linear takes hours


class Watched(str):
    """A text that knows how much of it was ever copied."""

    copied = 0

    def __getitem__(self, key: object) -> str:  # type: ignore[override]
        part = super().__getitem__(key)  # type: ignore[index]
        Watched.copied += len(part)
        return part


class TestRedactAndCut:
    def test_a_short_text_is_only_redacted(self) -> None:
        assert redact_and_cut(redact, "password=hunter2", 100) == (
            "password=[redacted:password]",
            False,
        )

    @pytest.mark.parametrize("keep", ["head", "tail", "both"])
    def test_a_long_text_is_bounded_and_says_how_much_is_gone(self, keep: str) -> None:
        text, was_cut = redact_and_cut(redact, "word " * 100_000, 1_000, keep)

        assert was_cut
        assert len(text) <= 1_000
        assert "[... 499000 characters cut ...]" in text

    def test_head_and_tail_are_what_they_say(self) -> None:
        text = "first " + "word " * 100_000 + "last"

        assert redact_and_cut(redact, text, 100, "head")[0].startswith("first word")
        assert redact_and_cut(redact, text, 100, "tail")[0].endswith("word last")
        both = redact_and_cut(redact, text, 200, "both")[0]
        assert both.startswith("first word")
        assert both.endswith("word last")

    @pytest.mark.parametrize("keep", ["head", "tail", "both"])
    def test_a_secret_across_the_cut_leaves_no_half(self, keep: str) -> None:
        token = f"ghp_{ALNUM[:36]}"
        for shift in range(0, 60, 3):
            text = "x " * (500 + shift) + token + " y" * 5_000 + f" {token} " + "z " * (480 + shift)

            cut, _ = redact_and_cut(redact, text, 1_000, keep, overlap=200)

            assert not [n for n in range(28) if token[n + 4 : n + 12] in cut]

    @pytest.mark.parametrize("keep", ["head", "tail", "both"])
    def test_no_half_of_a_placeholder_is_left(self, keep: str) -> None:
        text = "password=hunter2 " * 5_000
        for max_chars in range(200, 260):
            cut, _ = redact_and_cut(redact, text, max_chars, keep)

            assert redact(cut) == cut
            for part in (
                cut.replace("[... ", "").replace(" cut ...]", "").split("[redacted:password]")
            ):
                assert "redacted" not in part
                assert "[" not in part

    def test_a_word_that_begins_before_what_is_looked_at_is_dropped(self) -> None:
        text = "a" * 10_000 + "the-end-of-a-secret then words"

        cut, _ = redact_and_cut(redact, text, 200, "tail", overlap=100)

        assert "the-end-of-a-secret" not in cut
        assert cut.endswith("then words")

    @pytest.mark.parametrize("keep", ["head", "tail", "both"])
    def test_fifty_megabytes_are_not_copied(self, keep: str) -> None:
        text = Watched("x " * 25_000_000)
        Watched.copied = 0

        redact_and_cut(redact, text, 2_000, keep)

        assert Watched.copied < 20_000

    def test_an_unknown_end_is_refused(self) -> None:
        with pytest.raises(ValueError, match="middle"):
            bounded("x" * 10, 5, "middle")


class TestBounded:
    def test_a_text_that_fits_stays(self) -> None:
        assert bounded("abc", 3) == "abc"

    @pytest.mark.parametrize("max_chars", [0, 1, 5, 20, 40, 100])
    def test_the_result_is_never_longer(self, max_chars: int) -> None:
        assert len(bounded("word " * 1_000, max_chars)) <= max_chars


@given(st.from_regex(environ._SECRET_NAME.pattern))
def test_the_sieve_before_names_of_variables_loses_none(name: str) -> None:
    """A word that is added to the pattern and has no stem would let its secrets through."""
    assert any(stem in name for stem in environ._STEMS)


@given(
    st.lists(
        st.sampled_from(["ab", "...", ".", " ", '"', "\\", "abcd", "x" * 70]), max_size=14
    ).map("".join)
)
def test_what_stands_on_both_sides_of_three_dots_is_what_one_pattern_would_find(text: str) -> None:
    pattern = re.compile(r"([^\s\"'.\\]{2,64})\.\.\.[^\s\"'.\\]{4,64}")

    found = [(one.start(), one.end(1), one.end()) for one in pattern.finditer(text)]

    assert list(halves(text)) == found
