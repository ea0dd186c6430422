"""The service: what is written for each service manager, what is asked of it, and that what is written really runs."""

import configparser
import os
import plistlib
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from processes import rows
from programme import Programme

from lrflow import __version__, daemon, nudges, service
from lrflow.clock import read_instant
from lrflow.database import Database
from lrflow.errors import Busy, Misused, NotFound, Refused, Unavailable
from lrflow.service import Computer, Job

NAMES = (
    "csn",
    "two words",
    " leading",
    'it\'s "quoted"',
    "100%",
    "%h and %n",
    "Zürich überall",
    "back\\slash",
    "$HOME ${HOME} $$",
    "a;b & <c> #1 'd'",
    "日本",
    "-n",
)
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
WINDOWS = {"USERDOMAIN": "CSN", "USERNAME": "grace", "LOCALAPPDATA": "/local"}


def computer(platform: str, folder: Path, **variables: str) -> Computer:
    """A computer of *platform* whose user lives in *folder*."""
    return service.this_computer(platform, {"HOME": str(folder), **variables}, sys.executable)


def job(platform: str, home: Path) -> Job:
    """The job for *home* on such a computer, whose user lives beside it."""
    return service.job_of(home, computer(platform, home.parent, **(WINDOWS if platform == "win32" else {})))


def definition(job: Job) -> bytes:
    """What would be written for *job*."""
    return service.keeper_of(job).definition(job)


# -------------------------------------------------------------------------------------------------------- each is read


@dataclass(frozen=True)
class Command:
    """A command line as the service manager would run it."""

    words: list[str]
    home: str
    folder: str

    def start(self, **pipes: int) -> subprocess.Popen[str]:
        """Start it, in its folder, with nothing in the environment that its manager does not give."""
        bare = {"PATH": os.defpath, "HOME": "/nonexistent"} | ({"LRFLOW_HOME": self.home} if self.home else {})
        return subprocess.Popen(self.words, env=bare, cwd=self.folder, text=True, **pipes)


def unit_of(content: bytes) -> configparser.RawConfigParser:
    """A unit's sections and keys."""
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#", ";"), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(content.decode())
    return parser


def by_systemd(content: bytes) -> Command:
    """How systemd reads a unit: quotes, then percent signs; a dollar in Environment means itself."""
    found = unit_of(content)["Service"]
    starter, *words = [plain(word) for word in shlex.split(found["ExecStart"])]
    assert starter == "/usr/bin/env" and "=" not in words[0]
    assert "$" not in "".join(words).replace("$$", "")
    words = [word.replace("$$", "$") for word in words]
    [assignment] = [plain(word) for word in shlex.split(found["Environment"])]
    return Command(words, assignment.removeprefix("LRFLOW_HOME="), plain(found["WorkingDirectory"]))


def plain(text: str) -> str:
    """Percent signs as systemd reads them: one alone would stand for something else."""
    assert "%" not in text.replace("%%", "")
    return text.replace("%%", "%")


def by_launchd(content: bytes) -> Command:
    """How launchd reads a property list."""
    found = plistlib.loads(content)
    return Command(found["ProgramArguments"], found["EnvironmentVariables"]["LRFLOW_HOME"], found["WorkingDirectory"])


def by_windows(content: bytes) -> Command:
    """How Windows reads a task."""
    found = ElementTree.fromstring(content).find(f"{TASK}Actions/{TASK}Exec")
    assert found is not None
    command, arguments, folder = (
        found.findtext(f"{TASK}{name}") for name in ("Command", "Arguments", "WorkingDirectory")
    )
    assert command and arguments and folder
    return Command([command, *windows_words(arguments)], "", folder)


def windows_words(line: str) -> list[str]:
    """The words of a Windows command line: backslashes count only before a quotation mark."""
    words, word, quoted = [], None, False
    for slashes, mark, other in re.findall(r'(\\*)(")|(\\+|[^\\"])', line):
        if mark:
            word = (word or "") + "\\" * (len(slashes) // 2)
            if len(slashes) % 2:
                word += '"'
            else:
                quoted = not quoted
        elif other in " \t" and not quoted:
            words += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + other
    return [*words, *([word] if word is not None else [])]


READERS: dict[str, Callable[[bytes], Command]] = {"linux": by_systemd, "darwin": by_launchd, "win32": by_windows}


WRITTEN = [(platform, name) for platform in READERS for name in NAMES if (platform, name) != ("win32", "%h and %n")]


@pytest.mark.parametrize(("platform", "name"), WRITTEN)
def test_a_definition_is_read_as_the_folder_and_the_python_that_were_meant(platform, name, tmp_path):
    home = tmp_path / name
    meant = job(platform, home)

    command = READERS[platform](definition(meant))

    assert command.folder == str(home)
    assert command.words[:3] == [sys.executable, "-P", "-m"]
    if platform == "win32":
        assert command.words[3:] == ["lrflow.service.windowless", str(home), f"/local/lrflow/service/{meant.name}.log"]
    else:
        assert command.words[3:] == ["lrflow", "run"] and command.home == str(home)
    points = service.keeper_of(meant).read(definition(meant))
    assert (points.home, points.python) == (home, Path(sys.executable))


@pytest.mark.parametrize("name", NAMES)
def test_a_python_in_an_odd_folder_is_found_again(name, tmp_path):
    odd = Computer("systemd", tmp_path, tmp_path, tmp_path / name / "python", "")

    command = by_systemd(definition(Job("lrflow-csn-1", tmp_path, odd)))

    assert command.words[0] == str(tmp_path / name / "python")


def test_systemd_itself_finds_nothing_wrong_with_the_units(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze on this computer")
    files = []
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "python").symlink_to(sys.executable)
        odd = Computer("systemd", tmp_path / "units", tmp_path, tmp_path / name / "python", "")
        meant = service.job_of(tmp_path / name, odd)
        files.append(service.keeper_of(meant).file(meant))
        files[-1].parent.mkdir(exist_ok=True)
        files[-1].write_bytes(definition(meant))
    (tmp_path / "run").mkdir(mode=0o700)
    variables = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run"), "HOME": str(tmp_path)}

    ran = subprocess.run([analyze, "verify", "--user", *files], env=variables, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def test_a_unit_is_started_anew_unless_that_mends_nothing(tmp_path):
    unit = unit_of(definition(job("linux", tmp_path / "csn")))

    hopeless = {int(code) for code in unit["Service"]["RestartPreventExitStatus"].split()}
    assert hopeless == {Misused.exit_code, Refused.exit_code, NotFound.exit_code}
    assert not hopeless & {1, Busy.exit_code, Unavailable.exit_code, daemon.SCHEDULER_DIED}
    assert unit["Service"]["Restart"] == "always" and unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert (unit["Service"]["Type"], unit["Service"]["NotifyAccess"]) == ("notify", "main")
    assert unit["Install"]["WantedBy"] == "default.target"


def test_the_daemon_notices_that_it_stands_still_before_the_watchdog_ends_it(tmp_path):
    patience = int(unit_of(definition(job("linux", tmp_path / "csn")))["Service"]["WatchdogSec"])

    longest_silence = patience / 2 - daemon.QUIET_AFTER + daemon.DEAD_AFTER

    assert longest_silence + daemon.SWEEP_SECONDS < patience


def test_an_agent_of_macos_starts_at_log_in_and_is_kept_alive(tmp_path):
    meant = job("darwin", tmp_path / "csn")

    agent = plistlib.loads(definition(meant))

    assert (agent["Label"], agent["RunAtLoad"], agent["KeepAlive"]) == (meant.name, True, True)
    assert agent["ThrottleInterval"] >= 10
    assert agent["StandardErrorPath"] == str(tmp_path / "Library" / "Logs" / "lrflow" / f"{meant.name}.log")
    assert service.keeper_of(meant).file(meant) == tmp_path / "Library" / "LaunchAgents" / f"{meant.name}.plist"


def test_a_task_of_windows_runs_for_its_user_without_a_password_on_battery_and_without_an_end(tmp_path):
    content = definition(job("win32", tmp_path / "csn"))
    task = ElementTree.fromstring(content)
    said = {each.tag.removeprefix(TASK): each.text for each in task.iter()}

    assert content.startswith(b"\xff\xfe")  # schtasks reads UTF-16 with its mark
    assert [each.text for each in task.iter(f"{TASK}UserId")] == ["CSN\\grace"] * 2
    assert (said["LogonType"], said["RunLevel"]) == ("InteractiveToken", "LeastPrivilege")
    assert (said["DisallowStartIfOnBatteries"], said["StopIfGoingOnBatteries"]) == ("false", "false")
    assert (said["StartWhenAvailable"], said["ExecutionTimeLimit"]) == ("true", "PT0S")
    assert said["MultipleInstancesPolicy"] == "IgnoreNew"
    assert {each.tag.removeprefix(TASK) for each in task.find(f"{TASK}Triggers")} == {"LogonTrigger", "TimeTrigger"}
    assert task.findtext(f"{TASK}Triggers/{TASK}TimeTrigger/{TASK}Repetition/{TASK}Interval") == "PT10M"
    assert task.findtext(f"{TASK}Settings/{TASK}RestartOnFailure/{TASK}Interval") == "PT1M"


# --------------------------------------------------------------------------------------------------------------- names


def test_a_folder_has_one_name_and_two_folders_have_two(tmp_path):
    for name in ("a/csn", "b/csn", "a/Ruta Perú", "a/日本"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "csn")

    names = {name: job("linux", tmp_path / name).name for name in ("a/csn", "b/csn", "a/Ruta Perú", "a/日本", "link")}

    assert names["link"] == names["a/csn"] == job("linux", tmp_path / "b" / ".." / "a" / "csn").name
    assert len(set(names.values())) == 4
    assert all(re.fullmatch("lrflow-[a-z0-9-]+-[0-9a-f]{8}", name) for name in names.values())
    assert names["a/Ruta Perú"].startswith("lrflow-ruta-peru-")
    assert job("win32", tmp_path / "a" / "CSN").name == job("win32", tmp_path / "a" / "csn").name


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("linux", "two\nlines"),
        ("darwin", "bell\a"),
        ("linux", "no \udcff letter"),
        ("linux", "blank at the end "),
        ("linux", "goes on\\"),
        ("win32", "%TEMP%"),
        ("win32", "$(Arg0)"),
    ],
)
def test_a_folder_that_cannot_be_written_down_is_refused_with_what_to_do(platform, name, tmp_path):
    with pytest.raises(Misused) as refusal:
        job(platform, tmp_path / name)

    assert refusal.value.remedy == ("give the folder a plainer name, then: lrflow service install",)
    refusal.value.message.encode()


# ----------------------------------------------------------------------------------------- what is written really runs


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_what_a_definition_says_starts_a_daemon_that_stops_when_told(platform, empty):
    odd = empty.home.rename(empty.home.parent / 'Zürich 100% "$HOME" it\'s')
    command = READERS[platform](definition(job(platform, odd)))

    started = command.start(stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    said = started.stderr.readline()
    sender = rows(odd, "SELECT pid FROM sender")
    started.send_signal(signal.SIGTERM)
    rest = started.communicate(timeout=30)[1]

    assert f"lrflow sends for {odd}" in said, said + rest
    assert sender == [{"pid": started.pid}]
    assert (started.returncode, rest.splitlines()[-1]) == (0, "stopped")


def test_what_a_task_says_starts_a_daemon_that_writes_into_its_log(empty, tmp_path):
    meant = service.job_of(empty.home, computer("win32", tmp_path, USERNAME="grace"))
    log = tmp_path / "AppData" / "Local" / "lrflow" / "service" / f"{meant.name}.log"
    log.parent.mkdir(parents=True)
    log.write_text("of long ago\n" * 100_000, encoding="utf-8")

    started = by_windows(definition(meant)).start(stdin=subprocess.DEVNULL)
    ends = time.monotonic() + 20
    while time.monotonic() < ends and "lrflow sends" not in (log.read_text("utf-8") if log.is_file() else ""):
        time.sleep(0.05)
    started.send_signal(signal.SIGTERM)

    assert started.wait(timeout=30) == 0
    *lines, last = log.read_text("utf-8").splitlines()
    # Ten years after the programme was begun, the clock is doubted too, by a thread of its own.
    assert any(f"lrflow sends for {empty.home}" in line for line in lines) and last == "stopped"
    assert len(lines) < 5  # what was there is gone
    assert log.with_suffix(".old.log").stat().st_size == 1_200_000


def test_the_line_for_cron_sends_once(empty, no_systemd):
    odd = Programme(empty.home.rename(empty.home.parent / "Zürich 100% it's"), now=empty.now)

    line = odd.run("service install").err.splitlines()[-1].removeprefix("  -> ")
    minute, hour, _, _, _, command = line.split(" ", 5)
    variables = {"PATH": os.defpath, "LRFLOW_NOW": odd.now}
    ran = subprocess.run(["/bin/sh", "-c", command.replace("\\%", "%")], env=variables, capture_output=True, text=True)

    assert (minute, hour) == ("0", "*")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert rows(odd.home, "SELECT beat_us, ticked_us > 0 AS ticked FROM sender") == [{"beat_us": 0, "ticked": 1}]


# ------------------------------------------------------------------------------------ what the service manager is asked


STAND_IN = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "{asked}"
while read -r pattern code words; do
    case "$*" in $pattern) printf '%b\\n' "$words"; [ "$code" = 0 ] || echo "$words" >&2; exit "$code";; esac
done < "{answers}"
"""


@dataclass
class StandIn:
    """Programs that stand for the service manager of a computer: they note what they are asked, and answer as told."""

    folder: Path

    def __post_init__(self) -> None:
        """Put them there, without an answer yet."""
        self.answers: list[str] = []
        self.folder.mkdir()
        self.answer()
        script = STAND_IN.format(asked=self.folder / "asked", answers=self.folder / "answers")
        for name in ("systemctl", "loginctl", "journalctl", "launchctl", "schtasks", "tail", "powershell"):
            (self.folder / name).write_text(script)
            (self.folder / name).chmod(stat.S_IRWXU)

    def answer(self, pattern: str = "", words: str = "", code: int = 0) -> None:
        """From now on answer what fits *pattern* with *words* and exit *code*; all else with nothing and 0."""
        self.answers = [*([f"{pattern} {code} {words}"] if pattern else []), *self.answers]
        (self.folder / "answers").write_text("".join(f"{line}\n" for line in self.answers))

    def asked(self) -> list[str]:
        """What they were asked since this was last called."""
        file = self.folder / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A Linux whose systemd is a stand-in; the user lives in tmp_path/user."""
    stand_in = StandIn(tmp_path / "bin")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", f"{stand_in.folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return stand_in


@pytest.fixture
def no_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Linux without systemd."""
    (tmp_path / "nothing").mkdir()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def unit_file(programme: Programme) -> Path:
    """Where its unit is, if it is installed."""
    meant = job("linux", programme.home)
    return Path(os.environ["HOME"]) / ".config" / "systemd" / "user" / f"{meant.name}.service"


def test_install_writes_the_unit_and_starts_it_and_a_second_time_changes_nothing(empty, manager):
    first = empty.do("service install")
    file, name = unit_file(empty), unit_file(empty).name
    asked, written = manager.asked(), file.stat()
    second = empty.do("service install")

    assert by_systemd(file.read_bytes()).home == str(empty.home)
    assert asked[:3] == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable {name}",
        f"systemctl --user restart {name}",
    ]
    assert f"✓ {file.stem} is installed: it sends for {empty.home}, from each log-in on" in first.out
    assert "to go on after you log out: loginctl enable-linger" in first.out
    assert "no route is live: nothing leaves until lrflow nudge go-live" in first.out
    assert first.out.splitlines()[-1] == "Next: lrflow service show"
    assert "was installed already" in second.out
    assert manager.asked()[2] == f"systemctl --user start {name}"  # which leaves alone what runs
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (written.st_mtime_ns, written.st_ino)
    assert [each.name for each in file.parent.iterdir()] == [name]


def test_whoever_lingers_is_not_told_to(empty, manager):
    manager.answer("show-user*", "yes")

    assert "enable-linger" not in empty.do("service install").out


def test_a_dry_run_shows_the_file_and_the_commands_and_does_nothing(empty, manager):
    shown = empty.do("service install -n")

    assert shown.out.startswith(f"would write {unit_file(empty)}:\n    [Unit]\n")
    assert "    Type=notify\n" in shown.out
    assert (
        f"would run:\n    systemctl --user daemon-reload\n    systemctl --user enable {unit_file(empty).name}"
        in shown.out
    )
    assert manager.asked() == []
    assert not unit_file(empty).exists()
    assert empty.do("service install -n --json").data["content"] == definition(job("linux", empty.home)).decode()


def test_after_another_python_install_writes_the_unit_anew(empty, manager):
    empty.do("service install")
    meant = unit_file(empty).read_bytes()
    unit_file(empty).write_bytes(meant.replace(sys.executable.encode(), b"/old/bin/python"))
    manager.asked()

    shown = empty.do("service show")
    again = empty.do("service install")

    assert f"! it is run by /old/bin/python, which is gone; lrflow is run by {sys.executable} now" in shown.out
    assert shown.out.splitlines()[-1] == "Next: lrflow service install"
    assert "is installed" in again.out and unit_file(empty).read_bytes() == meant
    assert f"systemctl --user restart {unit_file(empty).name}" in manager.asked()


@pytest.mark.parametrize("platform", READERS)
def test_a_newer_lrflow_is_started_anew_by_install(platform, empty, manager, tmp_path):
    meant = service.job_of(empty.home, computer(platform, tmp_path, **{**WINDOWS, "LOCALAPPDATA": str(tmp_path)}))
    first = service.install(meant, dry_run=False)
    text, code = definition(meant), "utf-16" if platform == "win32" else "utf-8"
    first.file.write_bytes(text.decode(code).replace(__version__, "0.0.9").encode(code))

    differs = service.look(meant, Database(empty.home / "lrflow.db"), read_instant(empty.now, "UTC")).differs
    again = service.install(meant, dry_run=False)

    assert differs == ("its file is not what this version of lrflow writes",)
    assert again.changed and first.file.read_bytes() == text


def test_without_a_session_the_unit_is_written_and_what_is_left_is_named(empty, manager):
    manager.answer("--user*", "Failed to connect to bus: No medium found", 1)

    refused = empty.run("service install")

    assert refused.code == 5
    assert unit_file(empty).is_file()
    name = unit_file(empty).name
    assert refused.err.splitlines()[:6] == [
        f"{unit_file(empty)} is written, but systemd does not run it yet",
        "  systemctl --user daemon-reload: Failed to connect to bus: No medium found",
        "  -> systemctl --user daemon-reload",
        f"  -> systemctl --user enable {name}",
        f"  -> systemctl --user restart {name}",
        "  -> log in as yourself, not by su or sudo, and type the commands above again",
    ]
    assert "crontab -e" in refused.err
    shown = empty.do("service show").out
    assert "! systemd does not know it: Failed to connect to bus: No medium found" in shown


def test_without_systemd_a_line_for_cron_is_offered(empty, no_systemd):
    refused = empty.run("service install")

    assert refused.code == 5
    assert "systemctl --user daemon-reload: there is no systemctl on this computer" in refused.err
    assert "-> systemctl" not in refused.err
    assert "crontab -e" in refused.err
    assert empty.do("service show").code == 0


def test_a_service_that_does_not_start_says_where_to_read_why(empty, manager):
    manager.answer("*restart*", "Job for lrflow.service failed because the control process exited with error code.", 1)

    refused = empty.run("service install")

    assert refused.code == 5
    assert "Job for lrflow.service failed" in refused.err
    assert refused.err.splitlines()[-1].startswith("  -> journalctl --user --unit=lrflow-csn-")


def test_beside_another_sender_the_service_waits_and_that_is_no_fault(empty, manager):
    manager.answer("*restart*", "Job for lrflow.service failed.", 1)
    database = Database(empty.home / "lrflow.db")
    holder = nudges.hold_sending(database, read_instant(empty.now, "Africa/Blantyre"))

    waiting = empty.do("service install")

    assert f"(process {holder.pid}) sends now: the service takes over when that ends" in waiting.out
    database.close()


@pytest.mark.parametrize("words", ["service install", "service install -n"])
def test_no_service_for_a_copy_that_was_handed_over_or_a_folder_without_a_programme(words, empty, manager, tmp_path):
    (tmp_path / "nothing here").mkdir()
    without = Programme(tmp_path / "nothing here").run(words)
    empty.do(f"handover {tmp_path / 'csn.lrflow'} --to ana@example.org --confirm 'SUN CSN'")
    closed = empty.run(words)

    assert (without.code, closed.code) == (4, 3)
    assert "so it needs no service" in closed.err
    assert manager.asked() == []


def test_nothing_secret_and_no_setting_is_written_into_the_unit(empty, manager, monkeypatch):
    empty.do("settings set smtp_host=mail.example.org smtp_user=grace smtp_password_file=/secret/place")
    monkeypatch.setenv("LRFLOW_SMTP_HOST", "other.example.org")

    said = empty.do("service install").out

    unit = unit_file(empty).read_text()
    assert [
        word for word in ("example.org", "grace", "secret", "smtp") if word in unit.replace(str(empty.home), "")
    ] == []
    assert re.findall("LRFLOW_[A-Z_]+", unit) == ["LRFLOW_HOME"]
    assert "! LRFLOW_SMTP_HOST is known in this window only: lrflow settings set smtp_host=..." in said


# ------------------------------------------------------------------------------------------------------ show and remove


def test_show_says_that_none_is_installed_and_when_the_last_tick_was(empty, manager):
    before = empty.do("service show").out
    empty.do("run --once", now="2016-06-10T09:00")
    after = empty.do("service show").out

    assert before.splitlines() == [
        f"no service is installed for {empty.home}",
        "  nobody sends for this programme now; no tick yet",
        "Next: lrflow service install",
    ]
    assert "  nobody sends for this programme now; last tick 2016-06-10 09:00" in after.splitlines()
    assert manager.asked() == []


def test_show_says_whether_it_runs_since_when_and_what_it_said_last(empty, manager):
    empty.do("service install")
    database = Database(empty.home / "lrflow.db")
    holder = nudges.hold_sending(database, read_instant("2016-02-11T08:59", "Africa/Blantyre"))
    state = rf"ActiveState=active\nSubState=running\nMainPID={holder.pid}\nExecMainStatus=0\nStatusText=sends for csn"
    manager.answer("*show*lrflow-*", state)
    manager.answer("*--lines=5*", r"first\nstopped")

    shown = empty.do("service show")
    data = empty.do("service show --json").data

    name = unit_file(empty).stem
    assert shown.out.splitlines() == [
        f"{name} is installed: {unit_file(empty)}",
        f"  systemd: active (running); sends for csn, process {holder.pid}",
        f"  {holder.host} (process {holder.pid}) sends since 2016-02-11 08:59; no tick yet",
        "  it said last:",
        "    first",
        "    stopped",
        f"  more of it: journalctl --user --unit={name} --lines=100 --no-pager --quiet",
        "Next: lrflow status",
    ]
    assert (data["installed"], data["process"], data["sender"]["process"]) == (True, holder.pid, holder.pid)
    assert data["since"] == "2016-02-11T06:59:00+00:00" and data["last"] == ["first", "stopped"]
    database.close()


def test_show_says_that_another_process_sends_and_how_the_service_ended(empty, manager):
    empty.do("service install")
    database = Database(empty.home / "lrflow.db")
    nudges.hold_sending(database, read_instant(empty.now, "Africa/Blantyre"))
    manager.answer("*show*lrflow-*", r"ActiveState=activating\nSubState=auto-restart\nMainPID=1\nExecMainStatus=6")

    shown = empty.do("service show").out

    assert "activating (auto-restart), its last process left with exit code 6" in shown
    assert "which is not this service: it takes over when that ends" in shown
    database.close()


def test_after_the_folder_moved_show_names_the_service_that_points_to_the_old_place(empty, manager):
    empty.do("service install")
    old, there = unit_file(empty), empty.home
    moved = Programme(empty.home.rename(empty.home.parent / "moved"), now=empty.now)

    shown = moved.do("service show").out
    removed = moved.do(f"service remove {old.stem}")

    assert f"no service is installed for {moved.home}" in shown
    assert f"! {old.stem} points to {there}, where no programme is: lrflow service remove {old.stem}" in shown
    assert not old.exists() and f"✓ {old.stem} is ended and deleted" in removed.out


def test_a_second_service_for_the_same_folder_is_named(empty, manager):
    empty.do("service install")
    second = unit_file(empty).with_name("lrflow-csn-00000000.service")
    second.write_bytes(unit_file(empty).read_bytes())

    assert f"! {second.stem} is a second service for this folder" in empty.do("service show").out


def test_remove_ends_it_deletes_it_and_says_so_when_there_is_none(empty, manager):
    empty.do("service install")
    file = unit_file(empty)
    wants = file.parent / "default.target.wants"
    wants.mkdir()
    (wants / file.name).symlink_to(file)
    manager.asked()

    tried = empty.do("service remove -n")
    still_there, asked = file.is_file(), manager.asked()
    removed = empty.do("service remove")
    again = empty.run("service remove")

    assert still_there and asked == [] and f"would delete {file}" in tried.out
    assert f"✓ {file.stem} is ended and deleted" in removed.out
    assert manager.asked() == [
        f"systemctl --user disable --now {file.name}",
        "systemctl --user daemon-reload",
        f"systemctl --user reset-failed {file.name}",
    ]
    assert not file.exists() and list(wants.iterdir()) == []
    assert (again.code, again.err.splitlines()[0]) == (4, f"there is no service {file.stem}")


def test_remove_deletes_the_file_even_when_systemd_does_not_answer(empty, manager):
    empty.do("service install")
    manager.answer("--user*", "Failed to connect to bus: No medium found", 1)

    removed = empty.run("service remove")

    assert removed.code == 5
    assert "Failed to connect to bus" in removed.err
    assert not unit_file(empty).exists()


@pytest.mark.parametrize("name", ["ssh", "../lrflow-x", "lrflow-/../../x"])
def test_remove_touches_only_services_of_lrflow(name, empty, manager):
    assert empty.run(f"service remove {name}").code == 2
    assert manager.asked() == []


def test_a_unit_that_somebody_changed_is_said_to_differ(empty, manager):
    empty.do("service install")
    unit_file(empty).write_text("[Service]\nExecStart=/bin/true\n")

    assert "! its file was changed by somebody and cannot be read" in empty.do("service show").out


# ------------------------------------------------------------------------------------------------- macOS and Windows


def test_launchd_is_asked_to_load_and_start_it_and_a_second_time_only_if_it_is_not(empty, manager, tmp_path):
    meant = service.job_of(empty.home, computer("darwin", tmp_path))
    domain = f"gui/{os.getuid()}"
    manager.answer("bootout*", "3: No such process", 3)
    done = service.install(meant, dry_run=False)
    first = manager.asked()
    manager.answer("bootstrap*", "37: Operation already in progress", 37)
    again = service.install(meant, dry_run=False)

    load, start = f"launchctl bootstrap {domain} {done.file}", f"launchctl kickstart {domain}/{meant.name}"
    assert first == [f"launchctl bootout {domain}/{meant.name}", load, start]
    assert manager.asked() == [load, start]
    assert (done.refused, again.refused, again.changed) == (None, None, False)


def test_launchd_is_asked_again_while_it_lets_go_of_the_one_before(empty, manager, tmp_path):
    meant = service.job_of(empty.home, computer("darwin", tmp_path))
    manager.answer("bootstrap*", "5: Input/output error", 5)

    done = service.install(meant, dry_run=False)

    assert [line.split()[1] for line in manager.asked()] == ["bootout", *["bootstrap"] * 4]
    assert done.refused is not None and done.refused.says == "5: Input/output error"
    assert [step.words[1] for step in done.left] == ["bootstrap", "kickstart"]


def test_what_launchd_says_is_understood(tmp_path):
    keeper = service.keeper_of(job("darwin", tmp_path / "csn"))

    running = keeper.understand(
        "gui/501/lrflow = {\n\tstate = running\n\tpid = 4711\n\tlast exit code = (never exited)\n}"
    )
    ended = keeper.understand(
        "x = {\n\tstate = spawn scheduled\n\tlast exit code = 6\n\tspawn = {\n\t\tstate = active\n\t}\n}"
    )

    assert (running.says, running.pid) == ("running", 4711)
    assert (ended.says, ended.pid) == ("spawn scheduled, its last process left with exit code 6", None)


def test_the_task_scheduler_is_asked_to_register_to_run_and_to_delete(empty, manager, tmp_path):
    meant = service.job_of(empty.home, computer("win32", tmp_path, **{**WINDOWS, "LOCALAPPDATA": str(tmp_path)}))

    done = service.install(meant, dry_run=False)
    installed = manager.asked()
    removed = service.remove(meant, dry_run=False)

    assert done.file == tmp_path / "lrflow" / "service" / f"{meant.name}.xml"
    assert installed == [
        f"schtasks /Create /TN {meant.name} /XML {done.file} /F",
        f"schtasks /End /TN {meant.name}",
        f"schtasks /Run /TN {meant.name}",
    ]
    assert manager.asked() == [f"schtasks /End /TN {meant.name}", f"schtasks /Delete /TN {meant.name} /F"]
    assert removed.refused is None and not done.file.exists()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_every_platform_says_what_is_installed_and_shows_its_file(platform, empty, manager, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("USERNAME", "grace")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)

    tried, shown_before = empty.do("service install -n").out, empty.do("service show").out
    installed, shown = empty.do("service install").out, empty.do("service show").out
    removed = empty.do("service remove").out

    assert "<?xml" in tried and ("launchctl bootstrap" in tried or "schtasks /Create" in tried)
    assert "no service is installed" in shown_before
    assert "it runs while you are logged in on this computer" in installed
    assert shown.splitlines()[-1] == "Next: lrflow status"
    assert "is ended and deleted" in removed
