"""Texts that set secrets, and texts that only speak of them."""

import base64
import gzip
import textwrap

import pytest

from tts_constructs.policy.rules.sec._programs import secrets_in, shapes_in

PW = "correct-horse-battery"
ACCESS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"

SETS = [text.replace("PW", PW).replace("\\n", "\n") for text in r'''
DB_PASSWORD=PW
export DB_PASS=PW; psql
MYSQL_PASSWORD=c5nk_iU[sCoF[2ENQT4;,{*R1%.Ngp
mysql --password='PW' benefits
{"user": "app", "password": "PW"}
password: PW
#cloud-config\npassword: PW\n
docker run -e DB_PASSWORD=PW -e X=y image
docker run -e "DB_PASSWORD=PW" image
      - DB_PASS=PW
      DB_PASS: "PW"
define('DB_PASSWORD', 'PW');
$password = 'PW';
$env:DB_PASSWORD = "PW"
jdbc:mysql://db/forms?user=app&password=PW
Server=db;Database=x;User Id=sa;Password=PW;
java -Dspring.datasource.password=PW -jar x.jar
<password>PW</password>
npm config set //registry.npmjs.org/:_authToken PW
//registry.npmjs.org/:_authToken=PW
ENV DB_PASSWORD PW
setx DB_PASSWORD PW /M
[client]\npassword = PW\n
--admin-password PW
helm install x --set db.password=PW
kubectl create secret generic x --from-literal=password=PW
mount -t cifs //x/y /mnt -o username=app,password=PW,vers=3
- name: DB_PASSWORD\n  value: PW
curl -H "X-Api-Key: PW" https://x
echo "db_password: PW" > x.yml
config = {'password': 'PW', 'user': 'x'}
connect(user="x", password="PW")
os.environ["DB_PASSWORD"] = "PW"
Password=P@$$w0rd!
"{\"password\": \"PW\"}"
{user: app, password: PW}
New-LocalUser -Name x -Password PW
keytool -storepass PW
[{"name": "DB_PASSWORD", "type": "PLAINTEXT", "value": "PW"}]
{"containers": [{"command": ["run", "--password", "PW"]}]}
{"template": "{\"password\": \"PW\"}"}
version: 0.2\nenv:\n  variables:\n    DB_PASSWORD: PW\n
environment:\n  - DB_PASSWORD=${DB_PASSWORD:-PW}\n
sed -i 's/DB_PASSWORD=.*/DB_PASSWORD=PW/' .env
sed -i "s|password_here|PW|" wp-config.php
sed -i 's/{{DB_PASSWORD}}/PW/' x.conf
curl -d 'username=app&password=PW' https://x
connect "Server=db;Uid=app;Pwd=PW"
<property name="password" value="PW"/>
<add key="DbPassword" value="PW" />
os.environ.get('DB_PASSWORD', 'PW')
const password = process.env.DB_PASSWORD || 'PW';
let password: string = 'PW';
password: str = "PW"
password: Annotated[str, x] = "PW"
SetEnv DB_PASSWORD PW
fastcgi_param DB_PASSWORD PW;
'''.strip().split("\n")]  # fmt: skip

SPEAKS = [text.replace("\\n", "\n") for text in r'''
DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id x)
DB_PASSWORD="${SECRET}"
DB_PASSWORD={{resolve:secretsmanager:benefits/db}}
password = get_password()
password = os.environ['DB_PASSWORD']
passwd -l root
PASSWORD_FILE=/run/secrets/db
DB_PASSWORD=/run/secrets/db
TOKEN=$(curl -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60")
curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/
if [ "$PASSWORD" = "secret" ]; then
if (token == "abcdef") {
if (event.token === 'allow') {
secret = client.get_secret_value(SecretId='benefits/db')['SecretString']
const token = event.headers.Authorization;
password: password,
password: String!
password: { type: String, required: true }
aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin x
sed -i "s/PASSWORD=.*/PASSWORD=$PW/" file
echo "ubuntu ALL=(ALL) NOPASSWD: ALL" >> /etc/sudoers
passwd:         files sss
passwd: files
grep -q "password=" /etc/x
{"Type": "Task", "Parameters": {"Token.$": "$$.Task.Token", "Password.$": "$.password"}}
{"password": "$input.path('$.password')"}
{"components": {"securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}}}
{"password": {"type": "string", "format": "password"}}
{"username": "username", "password": "password"}
[{"name": "DB_PASSWORD", "type": "SECRETS_MANAGER", "value": "benefits:password"}]
{"env": {"secrets-manager": {"DB_PASSWORD": "Benefits:password"}}}
{"widgets": [{"markdown": "Token: ask\npassword: never"}]}
fetch(url, {credentials: 'include'})
Use --password to set the password
Usage: tool --token TOKEN --password PASSWORD
"max_tokens": 200000
tokenizer = "cl100k_base"
compass: north-by-northwest
PASSWORD=""
headers: {'x-api-key': process.env.API_KEY}
version: 0.2\nenv:\n  secrets-manager:\n    TOKEN: Build:token\n  parameter-store:\n    A_TOKEN: Build\n
print(f"password={password}")
"Password=${Password}"
'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token'
<input type="password" name="password" placeholder="Password">
chmod 400 ~/.ssh/private_key
"PassThroughBehavior": "when_no_match"
def handler(event, context, token="none"):
def login(user: str, password: str = "") -> None:
password: str | None = None
password: ~
os.environ.get('DB_PASSWORD', '')
os.getenv('TOKEN_URL', 'https://x')
const token = process.env.TOKEN || '';
export PASSWORD=${PASSWORD:-$(cat /run/x)}
PASSWORD=${PASSWORD:-}
sed -i "s|password_here|$PASSWORD|" wp-config.php
sed -i 's/password/passwd/g' x
sed -e 's/token=[^&]*/token=REDACTED/' log
sed -i 's/^#PasswordAuthentication.*/PasswordAuthentication no/' /etc/ssh/sshd_config
curl -d "username=app&password=$PASSWORD" https://x
<property name="token" value="{{ token }}"/>
<add key="TokenLifetime" value="3600" />
PASSWORD_KEY = 'password'
helm install x --set auth.existingSecret=db-credentials
docker build --secret id=token,src=/run/x .
jdbc:mysql://db/x?passwordCharacterEncoding=utf8
keytool -list -cacerts -storepass changeit
{"minipass": "^7.0.4"}
{"CreationToken": "benefits-files"}
'''.strip().split("\n")]  # fmt: skip


@pytest.mark.parametrize("text", SETS)
def test_a_text_sets_a_secret(text: str) -> None:
    assert secrets_in(text)
    assert PW not in str(secrets_in(text))


@pytest.mark.parametrize("text", SPEAKS)
def test_a_text_only_speaks_of_secrets(text: str) -> None:
    assert not secrets_in(text)
    assert not secrets_in(text, is_code=True)


@pytest.mark.parametrize("text", ["password=value", "token: value", "f(password=value)", "secret = value2"])
def test_what_has_no_quotes_in_code_is_no_literal(text: str) -> None:
    assert not secrets_in(text, is_code=True)


SCRIPT = f"#!/bin/sh\nexport DB_PASSWORD={PW}\nexport KEY={ACCESS_KEY}\n"
ENCODED = base64.b64encode(SCRIPT.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        ENCODED,
        f"#!/bin/sh\necho {ENCODED} | base64 -d | sh\n",
        f"#!/bin/sh\nbase64 -d <<EOF\n{textwrap.fill(ENCODED, 40)}\nEOF\n",
        f"content: |\n{textwrap.indent(textwrap.fill(ENCODED, 20), '    ')}\n",
        base64.b64encode(gzip.compress(SCRIPT.encode(), mtime=0)).decode(),
        base64.b64encode(f"echo {ENCODED} | base64 -d".encode()).decode(),
        base64.b64encode(SCRIPT.encode("utf-16-le")).decode(),
    ],
    ids=["whole", "in part", "in lines", "in short lines", "packed", "twice", "of PowerShell"],
)
def test_base64_is_read(text: str) -> None:
    assert {"sets DB_PASSWORD to a literal", "holds an access key of AWS"} <= set(secrets_in(text))


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(b"\xff" * 60).decode(),
        "A" * 500,
        "-".join(ENCODED),
        "/a/very/long/path/of/a/construct",
    ],
)
def test_what_is_no_base64_of_a_text_holds_nothing(text: str) -> None:
    assert not secrets_in(text)


def test_prose_is_read_for_shapes_only() -> None:
    assert shapes_in(f"Use {ACCESS_KEY}, and password: {PW}") == ("holds an access key of AWS",)
    assert not shapes_in(f"password: {PW}")


def test_what_one_text_holds_is_listed_up_to_a_bound() -> None:
    found = secrets_in("\n".join(f"PASSWORD_{letter}={PW}" for letter in "abcdefghijklmnop"))
    assert 1 < len(found) < 16
