"""What our figures stand beside: PostGraphile on the same database, and pgbench with the statements that we run."""

import hashlib
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from house import free_port

HERE = Path(__file__).parent

# An entry of PostgreSQL's log, by the prefix that `statements_of` sets.
ENTRY = re.compile(r"^@@(\d+)@@(LOG|DETAIL):  (.*?)(?=^@@|\Z)", re.MULTILINE | re.DOTALL)
RUN = re.compile(r"(?:execute [^:]*|statement): (.*)", re.DOTALL)
PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")


# A plan for all values, as the server has it.
PLANS = "-c plan_cache_mode=force_generic_plan"


class PostGraphile:
    """PostGraphile, with two processes."""

    def __init__(self, database):
        kept = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "assent-postgraphile"
        kept.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", "serve.cjs"):
            (kept / name).write_bytes((HERE / "postgraphile" / name).read_bytes())
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=kept, check=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/graphql"
        settings = {"PGHOST": database.host, "PGDATABASE": database.name, "PORT": str(self.port), "WORKERS": "2"}
        self.process = subprocess.Popen(
            ["node", "serve.cjs"], cwd=kept, env=os.environ | settings, start_new_session=True
        )
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(self.url, b"{}", {"content-type": "application/json"}))
            except urllib.error.HTTPError:
                return
            except OSError:
                assert time.monotonic() < until and self.process.poll() is None, "PostGraphile does not answer"
                time.sleep(0.2)

    def stop(self):
        os.killpg(self.process.pid, 15)
        self.process.wait()


def statements_of(database, ask):
    """What PostgreSQL is asked while `ask` runs: for each connection the statements, each with the values of its places."""
    database.psql("ALTER SYSTEM SET log_statement = 'all'", "ALTER SYSTEM SET log_line_prefix = '@@%p@@'")
    database.psql("SELECT pg_reload_conf()")
    time.sleep(0.5)
    begun = database.log.stat().st_size
    ask()
    time.sleep(0.5)
    database.psql("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
    with open(database.log, encoding="utf-8") as log:
        log.seek(begun)
        entries = ENTRY.findall(log.read())
    asked = {}
    for connection, kind, text in entries:
        of_it = asked.setdefault(connection, [])
        if kind == "DETAIL" and text.startswith("parameters: "):
            of_it[-1][1].update(PARAMETER.findall(text))
        elif kind == "LOG" and (run := RUN.match(text)):
            of_it.append((" ".join(run[1].split()), {}))
    return [of_it for of_it in asked.values() if any("subscriber" in statement for statement, _ in of_it)]


def script_of(statements):
    """A transaction as pgbench is to run it: the settings in one trip, as everything else, and each statement by its name. Gives
    the names of the statements, too: pgbench itself would make a parameter of each place where a value stands, and lose that
    they are one."""
    lines, names = [], {}
    for statement, values in statements:
        settings = re.findall(r"SET LOCAL ([\w.]+) = '([^']*)'", statement)
        if statement.startswith("BEGIN"):
            lines.append(statement.split(";")[0])
            wanted = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings)
            lines.append(f"SELECT {wanted}")
        elif statement in ("ROLLBACK", "COMMIT"):
            lines.append("COMMIT")
        else:
            names[statement] = f"s{hashlib.sha256(statement.encode()).hexdigest()[:16]}"
            given = ", ".join(values[place] for place in sorted(values, key=int))
            lines.append(f"EXECUTE {names[statement]}({given})" if given else f"EXECUTE {names[statement]}")
    return "".join(f"{line};\n" for line in lines), names


def pgbench(database, scripts, connections, seconds):
    """Transactions a second, and the 50th and 99th percentile in milliseconds."""
    names = {statement: name for _, these in scripts for statement, name in these.items()}
    prepared = "".join(f"PREPARE {name} AS {statement};\n" for statement, name in names.items())
    first = f"\\if :is_ready = 0\n{prepared}\\set is_ready 1\n\\endif\n"
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for number, (script, _) in enumerate(scripts[:100]):
            path = Path(directory) / f"{number}.sql"
            path.write_text(first + script)
            files += ["-f", str(path)]
        command = ["pgbench", "-n", "-D", "is_ready=0", "-h", database.host, "-U", "assent", "-c", str(connections),
                   "-j", "2", "-T", str(seconds), "-l", "--log-prefix", f"{directory}/log", *files, database.name]  # fmt: skip
        path = f"/usr/lib/postgresql/15/bin:{os.environ['PATH']}"
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PATH": path, "PGOPTIONS": PLANS})
        assert done.returncode == 0, done.stderr[-2000:]
        rate = float(re.search(r"tps = ([\d.]+)", done.stdout)[1])
        took = []
        for log in Path(directory).glob("log*"):
            took += [int(line.split()[2]) for line in log.read_text().splitlines()]
    took.sort()
    return rate, took[len(took) // 2] / 1000, took[len(took) * 99 // 100] / 1000
