from __future__ import annotations

import platform
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

ALLOCATE_IN_THREADS = """
import ctypes, sys, threading
{first}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
threads = [threading.Thread(target=libc.malloc, args=(5000,)) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


def count_heaps(first, path):
    script = ALLOCATE_IN_THREADS.format(first=first)
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    return len(ElementTree.fromstring(path.read_text()).findall("heap"))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library has a heap for each thread")
def test_all_threads_use_one_heap(tmp_path):
    assert count_heaps("", tmp_path / "before.xml") > 1
    assert count_heaps("from formcoach.cli.memory import use_one_heap; use_one_heap()", tmp_path / "after.xml") == 1
