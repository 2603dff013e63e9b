"""The small C programs of the benchmarks, built when they are needed."""

import os
import shutil
import subprocess

from rig import ROOT, make


def built(work, name, *options):
    """The path of the program or library made of Benchmarks/`name`.c."""
    path = os.path.join(make(os.path.dirname(work), "native"), name)
    if not os.path.exists(path):
        compiler = shutil.which("cc") or "clang"
        subprocess.run([compiler, "-O2", "-o", path, os.path.join(ROOT, "Benchmarks", name + ".c"), *options], check=True)
    return path
