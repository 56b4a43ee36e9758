"""What every attack has: a seed that is printed, how many examples there are, and servers with a past."""

import random
import shutil

import pytest
from target import Target, rich_data


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, help="which examples are made; a new one each time if not said")
    parser.addoption("--examples", type=int, default=4, help="of each operation, for each visitor")


def pytest_configure(config):
    if config.option.seed is None:
        config.option.seed = random.SystemRandom().randrange(1_000_000)


def pytest_report_header(config):
    return f"seed: {config.option.seed} (again with --seed {config.option.seed}), examples: {config.option.examples}"


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """What `assent demo` leaves behind."""
    return rich_data(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def seed(pytestconfig):
    return pytestconfig.option.seed


@pytest.fixture(scope="session")
def start(data, tmp_path_factory):
    """Starts servers on copies of that, and stops them in the end."""
    begun = []

    def begin(name, **settings):
        target = Target(tmp_path_factory.mktemp(name), data, **settings)
        begun.append(target)
        target.serve()
        return target

    yield begin
    for target in begun:
        target.stop()
        shutil.rmtree(target.directory / "data", ignore_errors=True)


@pytest.fixture(scope="module")
def server(start, request):
    """A server for the attacks of one file. It has to be in good health when they are over."""
    target = start(request.module.__name__)
    yield target
    target.assert_alive()
