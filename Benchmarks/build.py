"""The small C programs of the benchmarks, built when they are needed."""

import os
import shutil
import subprocess

from rig import ROOT, make


def built(work, name, sources, *options):
    """The path of the program or library made of `sources`, names in Benchmarks/native."""
    path = os.path.join(make(os.path.dirname(work), "native"), name)
    if not os.path.exists(path):
        files = [os.path.join(ROOT, "Benchmarks/native", source + ".c") for source in sources]
        subprocess.run([shutil.which("cc") or "clang", "-O2", "-o", path, *files, *options], check=True)
    return path
