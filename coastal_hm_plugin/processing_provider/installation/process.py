"""Runs the calls of an installation with QProcess, in whichever thread asks, and stops them with all they started."""

import os
import re
import signal
import sys
from contextlib import suppress
from urllib.parse import quote

from qgis.core import QgsNetworkAccessManager
from qgis.PyQt.QtCore import QProcess, QProcessEnvironment
from qgis.PyQt.QtNetwork import QNetworkProxy

from . import commands

POLL_MS = 100
A_PACKAGE = re.compile(r"^\s*(Collecting|Downloading|Processing|Using cached) ", re.MULTILINE)


def run(procedure, monitor, proxies=None):
    """Drive an installation to its end and return what it returns.

    monitor: ``core.monitor.Monitor``, told the lines and the progress and asked for a cancel. Raises InstallationError
    and Cancelled.
    """
    try:
        command = next(procedure)
        while True:
            command = procedure.send(_run(command, monitor, proxies or {}))
    except StopIteration as end:
        monitor.progress(1.0)
        return end.value
    finally:
        procedure.close()


def _run(command, monitor, proxies):
    """Exit code and text of one call."""
    monitor.info(command.title)
    monitor.progress(command.begin)
    process = QProcess()
    process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
    process.setProcessEnvironment(_environment(proxies))
    process.start(command.program, list(command.arguments))
    if not process.waitForStarted(10_000):
        return -1, process.errorString()
    try:
        text = _follow(process, command, monitor)
    finally:
        _kill(process)
    monitor.progress(command.end)
    crashed = process.exitStatus() == QProcess.ExitStatus.CrashExit
    return (-1 if crashed else process.exitCode()), text


def _follow(process, command, monitor):
    """The text of a running process, told line by line until it ends."""
    text, shown, running = "", 0, True
    while running:
        process.waitForReadyRead(POLL_MS)
        running = process.state() != QProcess.ProcessState.NotRunning
        text += bytes(process.readAll()).decode("utf-8", "replace") + ("" if running else "\n")
        shown = _tell(text, shown, monitor)
        done = min(1.0, len(A_PACKAGE.findall(text)) / command.steps) if command.steps else 0.0
        monitor.progress(command.begin + done * (command.end - command.begin))
    return text


def _tell(text, shown, monitor):
    """Pass on the lines that are complete; returns how far they go."""
    end = text.rfind("\n") + 1
    for line in text[shown:end].splitlines():
        if line.strip():
            monitor.info(line.rstrip())
    return max(end, shown)


def _environment(proxies):
    environment = QProcessEnvironment.systemEnvironment()
    for name, value in {**proxies, **commands.ENVIRONMENT}.items():
        environment.insert(name, value)
    return environment


def _kill(process):
    """End a process and everything it started, if it still runs."""
    if process.state() == QProcess.ProcessState.NotRunning:
        return
    number = int(process.processId())
    if sys.platform == "win32":
        QProcess.execute("taskkill", ["/PID", str(number), "/T", "/F"])
    else:
        with suppress(OSError):  # it has no group of its own yet, or has just ended
            os.killpg(number, signal.SIGKILL)
    process.kill()
    process.waitForFinished(5000)


def proxies():
    """QGIS's proxy as environment variables for pip, where the system names none. Call it in the main thread."""
    if any(name.lower() in ("https_proxy", "all_proxy") for name in os.environ):
        return {}
    proxy = QgsNetworkAccessManager.instance().fallbackProxy()
    kinds = (QNetworkProxy.ProxyType.HttpProxy, QNetworkProxy.ProxyType.HttpCachingProxy)
    if proxy.type() not in kinds or not proxy.hostName():
        return {}
    user = f"{quote(proxy.user(), '')}:{quote(proxy.password(), '')}@" if proxy.user() else ""
    address = f"http://{user}{proxy.hostName()}:{proxy.port()}"
    return {"HTTPS_PROXY": address, "HTTP_PROXY": address}
