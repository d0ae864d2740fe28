"""Commands that take a secret by its place, such as `mysql -p…`, with examples and what looks alike.

Each pattern takes linear time: it begins with a word that few texts have, and repetitions are bounded.
Examples are in two parts, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tts_constructs.policy.rules.sec._secret_values import can_be_secret

Parts = tuple[str, str]
"""A text in two parts."""

VALUE = r"(?P<value>\\?\"[^\"\n]{1,200}|\\?'[^'\n]{1,200}|[^\s\"'`;|&<>()]{1,200})"
"""A word of a command: in quotes, or up to the next space."""


def _value(number: int) -> str:
    """Return `VALUE` for one of several commands of a pattern, as a group must have its name once."""
    return VALUE.replace("<value>", f"<value{number}>")


PROSE = frozenset(
    {
        "to", "is", "or", "and", "for", "the", "with", "option", "flag", "argument", "must", "in",
        "if", "of", "a", "an", "from", "as", "on", "be", "are", "not", "when", "that", "this", "which",
        "via", "using", "into", "at", "it", "by", "only", "may", "can", "will", "should", "your",
    }
)  # fmt: skip
"""Words that follow the name of an option where a text explains it."""


class Command(NamedTuple):
    """A command that takes a password.

    Args:
        name: The command, for a message.
        marks: Texts in lower case of which each use contains one.
        pattern: Its pattern; the groups whose names begin with `value` are the password.
        examples: Uses with a literal password.
        others: Uses that look alike, and have none.
    """

    name: str
    marks: tuple[str, ...]
    pattern: str
    examples: tuple[Parts, ...]
    others: tuple[Parts, ...]

    def values(self, text: str) -> Iterator[str]:
        """Yield each literal password that the command gets in a text."""
        for found in _compiled(self.pattern).finditer(text):
            for value in found.groupdict().values():
                value = (value or "").lstrip("\\\"'").rstrip("\\")
                if value and value.lower() not in PROSE and not value.isupper() and can_be_secret(value):
                    yield value


@cache  # most runs meet few of the commands, and to compile all takes longer than to judge a template
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


_PW = "Tr0ub4dor-and-3"
_TAKES_P = r"(?:sshpass|(?:docker|podman|buildah|registry|az)[ ]login|mongo(?:sh|dump|restore)?)"

COMMANDS: tuple[Command, ...] = (
    Command(
        "mysql",
        ("mysql", "maria"),
        r"\b(?:mysql|mariadb)(?:dump|admin|import|check|-dump|-admin)?\b"
        rf"(?=[^\n|;&]{{0,300}}?[ ](?-i:-p)[ ]?{VALUE})",
        (
            ("mysql -u root -p", _PW),
            ("mysql -u root -p ", f"{_PW} forms"),
            ("mysqldump -uroot -p'", f"{_PW}' forms"),
            ("mariadb-admin -h db -u root -p", f"{_PW} ping"),
        ),
        (
            ("mysql -u root -p", "\nshow tables"),
            ("mysql -u root -p", "$PASSWORD forms"),
            ("mysql -P ", "3306"),
            ("mysql -u root -p < ", "forms.sql"),
            ("mysql --port ", "3306 -h db"),
            ("docker run -p 3306:3306 ", "mysql:8"),
            ("yum install -y ", "mysql"),
            ("mysql -u root -p", '"${…}" forms'),
        ),
    ),
    Command(
        "mysqladmin",
        ("admin",),
        rf"\b(?:mysql|mariadb-)admin\b(?=[^\n|;&]{{0,300}}?[ ]password[ ]{VALUE})",
        (
            ("mysqladmin -u root password ", _PW),
            ("mysqladmin -h db -u root password '", f"{_PW}'"),
            ("mariadb-admin password ", _PW),
        ),
        (
            ("mysqladmin -u root password ", '"$PASSWORD"'),
            ("mysqladmin -u root -h db ", "ping"),
            ("mysqladmin -u root password", "\nmysql"),
        ),
    ),
    Command(
        "a login",
        ("sshpass", "login", "mongo"),
        rf"\b{_TAKES_P}\b(?=[^\n|;&]{{0,300}}?[ ](?-i:-p)[ ]?{VALUE})",
        (
            ("sshpass -p ", f"{_PW} ssh me@host"),
            ("sshpass -p'", f"{_PW}' ssh me@host"),
            ("docker login -u me -p ", _PW),
        ),
        (
            ("sshpass -p ", "$PASSWORD ssh me@host"),
            ("sshpass -e ", "ssh me@host"),
            ("docker login -u AWS --password-stdin ", "repository"),
            ("mongo ", "--port 27017"),
        ),
    ),
    Command(
        "a command",
        ("redis-cli", "ldap", "sqlcmd", "bcp ", "zip ", "7z"),
        rf"\bredis-cli\b(?=[^\n|;&]{{0,300}}?[ ]-a[ ]{_value(1)})"
        r"|\bldap(?:search|add|modify|whoami|passwd|delete)\b"
        rf"(?=[^\n|;&]{{0,300}}?[ ](?-i:-w)[ ]?{_value(2)})"
        rf"|\b(?:sqlcmd|bcp|unzip|zip)\b(?=[^\n|;&]{{0,300}}?[ ](?-i:-P)[ ]?{_value(3)})"
        rf"|\b7z[ ](?=[^\n|;&]{{0,300}}?[ ]-p{_value(4)})",
        (
            ("redis-cli -h cache -a ", f"{_PW} ping"),
            ("ldapsearch -x -D cn=admin -w ", _PW),
            ("unzip -P ", f"{_PW} x.zip"),
            ("sqlcmd -S db -U sa -P ", _PW),
            ("bcp forms out forms.dat -U sa -P ", _PW),
            ("7z x -p", f"{_PW} x.7z"),
        ),
        (
            ("redis-cli -h cache ", "ping"),
            ("ldapsearch -x -W -b ", "dc=example"),
            ("unzip -p ", "x.zip file"),
            ("redis-cli -a ", "$PASSWORD"),
            ("zip -r ", "x.zip folder"),
        ),
    ),
    Command(
        "curl",
        ("curl",),
        r"\bcurl\b(?=[^\n|;]{0,400}?"
        r"[ ](?-i:-u|--user)[ ]?[\"']?[^\s\"':]{1,100}:(?P<value>[^\s\"'@]{1,200}))",
        (("curl -u app:", f"{_PW} https://x"), ("curl -s --user 'app:", f"{_PW}' https://x")),
        (
            ("curl -u app:", "$PASSWORD https://x"),
            ("curl -u ", "app https://x"),
            ("curl -o x:y ", "https://x"),
            ("curl -u app: ", "https://x"),
        ),
    ),
    Command(
        "chpasswd",
        ("chpasswd",),
        r"[\"' ][\w.-]{1,64}:(?P<value1>[^\s\"'|:$]{1,200})[\"']?[ ]*\|[ ]*"
        r"(?:sudo[ ](?:-\w[ ])?)?(?:/usr/sbin/)?chpasswd"
        r"|chpasswd[ ]*<<<[ ]*[\"']?[\w.-]{1,64}:(?P<value2>[^\s\"']{1,200})"
        r"|chpasswd[ ]*<<-?[ ]*[\"']?\w{1,20}[\"']?[ ]*\n[ \t]*[\w.-]{1,64}:(?P<value3>[^\s\"']{1,200})"
        r"|chpasswd:[ ]*\n(?:[ ]{1,20}expire:[^\n]{0,20}\n)?[ ]{1,20}list:[ ]*[|>]?-?[ ]*\n"
        r"[ \t-]{0,20}[\w.-]{1,64}:(?P<value4>[^\s\"']{1,200})",
        (
            ("echo 'ubuntu:", f"{_PW}' | chpasswd"),
            ("echo root:", f"{_PW} | sudo chpasswd"),
            ('chpasswd <<< "ubuntu:', f'{_PW}"'),
            ("chpasswd <<EOF\nubuntu:", f"{_PW}\nEOF"),
            ("chpasswd:\n  expire: false\n  list: |\n    ubuntu:", _PW),
        ),
        (
            ("echo ubuntu:", "$PASSWORD | chpasswd"),
            ("cat /run/x | ", "chpasswd"),
            ("chpasswd:\n  ", "expire: false"),
            ("chpasswd < ", "/run/secrets/users"),
            ("echo 'ubuntu:", "$6$abc$def' | chpasswd -e"),
        ),
    ),
    Command(
        "passwd",
        ("passwd",),
        rf"\becho[ ](?:-\w{{1,3}}[ ])?{VALUE}[\"']?[ ]*\|[ ]*(?:sudo[ ])?passwd[ ]",
        (("echo ", f"{_PW} | passwd --stdin me"), ("echo '", f"{_PW}' | sudo passwd me --stdin")),
        (("echo $PASSWORD | ", "passwd --stdin me"), ("echo done; ", "passwd -l me")),
    ),
    Command(
        "a database",
        ("identified", "password"),
        r"\bidentified(?:[ ]+with[ ]+[\w'\"]{1,60})?[ ]+by[ ]+\\?['\"](?P<value1>[^'\"\n]{1,200})"
        r"|\bpassword(?:[ ]for[ ][^\n=]{1,100})?[ ]*[( =][ ]*(?:password\()?N?\\?'(?P<value2>[^'\n]{1,200})"
        r"|\b(?:create|alter)[ ]+user[ ]+[^\s;]{1,100}[ ]+identified[ ]+by[ ]+"
        r"(?P<value3>[^\s;'\"&:\\][^\s;'\"]{0,200})",
        (
            ("CREATE USER app IDENTIFIED BY '", f"{_PW}';"),
            ("ALTER USER app IDENTIFIED WITH x BY '", f"{_PW}'"),
            ("CREATE ROLE app LOGIN PASSWORD '", f"{_PW}';"),
            ("SET PASSWORD FOR app = '", f"{_PW}'"),
            ("SET PASSWORD = PASSWORD('", f"{_PW}')"),
            ("CREATE LOGIN app WITH PASSWORD = '", f"{_PW}'"),
            ("CREATE LOGIN app WITH PASSWORD = N'", f"{_PW}'"),
            ("CREATE USER app IDENTIFIED BY ", f"{_PW};"),
        ),
        (
            ("CREATE USER app IDENTIFIED BY '", "$PASSWORD';"),
            ("CREATE USER app IDENTIFIED BY '", "${…}'"),
            ("ALTER USER app PASSWORD '", "%s'"),
            ("CREATE USER app IDENTIFIED ", "WITH AWSAuthenticationPlugin AS 'RDS'"),
            ("The password ", "is 'optional'."),
            ("CREATE USER app IDENTIFIED BY ", "&app_password;"),
            ("CREATE USER app IDENTIFIED BY ", "PASSWORD '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4'"),
            ("A user is identified by ", "an email address."),
        ),
    ),
    Command(
        "PowerShell",
        ("convertto-securestring",),
        r"\bConvertTo-SecureString[ ]+(?:-(?:String|AsPlainText|Force)[ ]+){0,3}"
        r"(?P<value1>\\?[\"'][^\"'\n]{1,200})"
        r"|\bConvertTo-SecureString[ ]+(?:-String[ ]+)?(?P<value2>[^\s\"'$(@-][^\s\"']{0,200})"
        r"(?=[ ][^\n]{0,60}?-AsPlainText)"
        r"|[\"'](?P<value3>[^\"'\n]{1,200})[\"'][ ]*\|[ ]*ConvertTo-SecureString\b",
        (
            ('ConvertTo-SecureString "', f'{_PW}" -AsPlainText -Force'),
            ("ConvertTo-SecureString -AsPlainText -String '", f"{_PW}' -Force"),
            ("ConvertTo-SecureString ", f"{_PW} -AsPlainText -Force"),
            ("$p = '", f"{_PW}' | ConvertTo-SecureString -AsPlainText -Force"),
        ),
        (
            ("ConvertTo-SecureString $password ", "-AsPlainText -Force"),
            ('ConvertTo-SecureString "', '$password" -AsPlainText'),
            ("ConvertTo-SecureString ", "(Get-Secret).Value -AsPlainText -Force"),
            ("$plain | ConvertTo-SecureString ", "-AsPlainText -Force"),
            ("'$plain' | ", "ConvertTo-SecureString -AsPlainText -Force"),
            ("ConvertTo-SecureString ", "encrypts a text"),
        ),
    ),
    Command(
        "a .netrc file",
        ("login",),
        rf"\blogin\s{{1,20}}[^\s:;|&]{{1,100}}\s{{1,20}}password\s{{1,20}}{VALUE}",
        (
            ("machine git.example.gov login app password ", _PW),
            ("machine x\n  login app\n  password ", f"{_PW}\n"),
        ),
        (("machine x login app password ", "$TOKEN"), ("Use your login and password ", "to sign in")),
    ),
    Command(
        "a .pgpass file",
        ("pgpass",),
        r"[\w.*-]{1,200}:(?:\d{1,5}|\*):[\w*-]{1,64}:[\w*-]{1,64}:(?P<value>[^\s\"':]{1,200})",
        (
            ("echo 'db:5432:forms:app:", f"{_PW}' > ~/.pgpass"),
            ("cat > ~/.pgpass <<EOF\ndb:*:*:app:", f"{_PW}\nEOF"),
        ),
        (("chmod 600 ", "~/.pgpass"), ("echo db:5432:forms:app:", "$PASSWORD > ~/.pgpass")),
    ),
    Command(
        "a header",
        ("authorization", "proxy-auth"),
        r"authorization\\?[\"']?[ ]?[:=][ ]?\\?[\"']?(?:bearer|basic|token|splunk)[ ]+"
        r"(?P<value1>[^\s\"'<>{}$\\]{8,400})"
        r"|\bproxy_set_header[ ]+authorization[ ]+[\"'](?:bearer|basic)[ ]+"
        r"(?P<value2>[^\s\"'<>{}$\\]{8,400})",
        (
            ("curl -H 'Authorization: Bearer ", f"{_PW}' https://x"),
            ('"Authorization": "Basic ', 'YXBwOlRyMHViNGRvcg=="'),
            ('proxy_set_header Authorization "Basic ', 'YXBwOlRyMHViNGRvcg==";'),
        ),
        (
            ("curl -H 'Authorization: Bearer ", "$TOKEN' https://x"),
            ("Authorization: Bearer ", "${…}"),
            ("Authorization: Bearer ", "<token>"),
            ("headers['Authorization'] = 'Bearer ", "' + token"),
        ),
    ),
    Command(
        "debconf",
        ("debconf", "password password", "_again password"),
        r"/(?:root_password|root-pass|password|admin-pass|app-pass|app-password-confirm|root_password_again)"
        rf"[ ]+password[ ]+{VALUE}",
        (("mysql-server mysql-server/root_password password ", _PW),),
        (("mysql-server mysql-server/root_password password ", "$PASSWORD"),),
    ),
    Command(
        "openssl",
        ("pass:",),
        r"-pass(?:in|out)?[ ]+[\"']?pass:(?P<value>[^\s\"']{1,200})",
        (("openssl enc -pass pass:", _PW), ("openssl rsa -passin pass:", f"{_PW} -in x")),
        (("openssl enc -pass pass:", "$PASSWORD"), ("openssl enc -pass ", "env:PASSWORD")),
    ),
    Command(
        "net user",
        ("net user", "net  user"),
        rf"\bnet[ ]+user[ ]+[^\s/]{{1,64}}[ ]+(?![/*]){VALUE}",
        (("net user operator ", f"{_PW} /add"),),
        (
            ("net user operator ", "/delete"),
            ("net user operator ", "* /add"),
            ("net user operator ", "%PASSWORD% /add"),
        ),
    ),
    Command(
        "Windows",
        ("cmdkey", "schtasks", "net use"),
        rf"\bcmdkey\b(?=[^\n|;&]{{0,300}}?[ ]/pass:{_value(1)})"
        rf"|\bschtasks\b(?=[^\n|;&]{{0,300}}?[ ]/rp[ ]{_value(2)})"
        rf"|\bnet[ ]use\b(?=[^\n|;&]{{0,200}}?[ ]\\\\[^\s]{{1,100}}[ ](?![/*]){_value(3)}"
        r"[^\n|;&]{0,60}?/user:)",
        (
            ("cmdkey /add:db /user:app /pass:", _PW),
            ("schtasks /create /ru app /rp ", f"{_PW} /tn x"),
            ("net use z: \\\\db\\forms ", f"{_PW} /user:app"),
        ),
        (
            ("cmdkey /add:db /user:app /pass:", "%PASSWORD%"),
            ("schtasks /create /ru SYSTEM ", "/tn x"),
            ("net use z: \\\\db\\forms ", "* /user:app"),
            ("net use z: \\\\db\\forms ", "/user:app"),
            ("net use z: \\\\db\\forms ", "$password /user:app"),
        ),
    ),
    Command(
        "a command",
        ("sqlplus", "vault login", "openssl passwd", "usermod", "useradd", "smbclient"),
        r"\bsqlplus[ ](?:-\w{1,8}[ ]){0,3}[\"']?[\w$]{1,64}/(?P<value1>[^\s\"'@/]{1,200})@"
        r"|\bvault[ ]login[ ](?P<value2>[^\s\"'$=-][^\s\"'$=]{7,200})(?=[\s\"']|\Z)"
        rf"|\bopenssl[ ]passwd[ ](?:-\w{{1,8}}[ ]){{1,3}}(?!-){_value(3)}"
        rf"|\b(?:usermod|useradd)\b(?=[^\n|;&]{{0,200}}?[ ](?-i:-p)[ ]{_value(4)})"
        r"|\bsmbclient\b(?=[^\n|;&]{0,300}?[ ](?-i:-U)[ ]?[\"']?[\w\\.-]{1,64}%(?P<value5>[^\s\"']{1,200}))",
        (
            ("sqlplus app/", f"{_PW}@forms"),
            ("sqlplus -s app/", f"{_PW}@//db:1521/forms"),
            ("vault login ", _PW),
            ("openssl passwd -1 ", _PW),
            ("useradd -m -p ", f"{_PW} app"),
            ("smbclient //db/forms -U app%", _PW),
        ),
        (
            ("sqlplus /", "nolog"),
            ("sqlplus app/", "$PASSWORD@forms"),
            ("vault login -method=aws ", "role=app"),
            ("vault login ", "$TOKEN"),
            ("openssl passwd -1 ", "$PASSWORD"),
            ("openssl passwd -1 -stdin ", "< /run/password"),
            ("useradd -m -p ", "'$6$abc$def' app"),
            ("useradd -P ", "/srv app"),
            ("usermod -p ", "'!' root"),
            ("smbclient //db/forms -U app%", "$PASSWORD"),
        ),
    ),
    Command(
        "rabbitmqctl",
        ("rabbitmqctl",),
        rf"\brabbitmqctl[ ](?:-\S{{1,40}}[ ])?(?:add_user|change_password)[ ]+[^\s]{{1,64}}[ ]+{VALUE}",
        (("rabbitmqctl add_user app ", _PW),),
        (("rabbitmqctl add_user app ", "$PASSWORD"), ("rabbitmqctl set_user_tags app ", "administrator")),
    ),
    Command(
        "Redis",
        ("requirepass", "masterauth"),
        rf"(?:^[ \t]{{0,20}}|[\"']|\bset[ ]|--)(?:requirepass|masterauth)[ ]+{VALUE}",
        (
            ("requirepass ", _PW),
            ("redis-cli config set requirepass ", _PW),
            ("redis-server --requirepass ", _PW),
        ),
        (("requirepass ", "$PASSWORD"), ('requirepass "', '"'), ("# requirepass ", "foobared")),
    ),
    Command(
        "htpasswd",
        ("htpasswd",),
        rf"\bhtpasswd[ ]+-\w{{0,5}}b\w{{0,5}}[ ]+[^\s]{{1,200}}[ ]+[^\s]{{1,64}}[ ]+{VALUE}",
        (("htpasswd -cb /etc/nginx/users app ", _PW), ("htpasswd -b /etc/nginx/users app '", f"{_PW}'")),
        (("htpasswd -c /etc/nginx/users ", "app"), ("htpasswd -cb /etc/nginx/users app ", "$PASSWORD")),
    ),
    Command(
        "JDBC",
        ("jdbc:oracle",),
        r"jdbc:oracle:\w{1,10}:[\w.-]{1,64}/(?P<value>[^\s\"'@]{1,200})@",
        (("jdbc:oracle:thin:scott/", f"{_PW}@db:1521/forms"),),
        (("jdbc:oracle:thin:", "@db:1521/forms"), ("jdbc:oracle:thin:scott/", "${PASSWORD}@db:1521/forms")),
    ),
)
