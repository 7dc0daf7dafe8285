# The functions that scripts may call. Python 3.6 and later.
import base64 as _base64
import json as _json
import os as _os
import sys as _sys


def _encode(value):
    return _base64.b64encode(str(value).encode("utf-8", "surrogateescape")).decode("ascii")


def _message(name, *pairs):
    attributes = "".join(" %s='%s'" % (key, _encode(value)) for key, value in pairs if value not in (None, ""))
    print("##octopus[%s%s]" % (name, attributes), flush=True)


def _level(level, text):
    print("##octopus[stdout-%s]\n%s\n##octopus[stdout-default]" % (level, "" if text is None else text), flush=True)


def encode(value):
    return _encode(value)


def decode(value):
    return _base64.b64decode(value).decode("utf-8")


def get_octopusvariable(key):
    return octopusvariables[key]


def set_octopusvariable(name, value, sensitive=False):
    _message("setVariable", ("name", name), ("value", value), ("sensitive", "True" if sensitive else None))


def createartifact(path, fileName=None):
    if not _os.path.exists(path):
        raise FileNotFoundError('The file "%s" does not exist, so it cannot be an artifact.' % path)
    path = _os.path.abspath(path)
    name = fileName or _os.path.basename(path)
    length = 0 if _os.path.isdir(path) else _os.path.getsize(path)
    _level("verbose", "Artifact %s is taken from %s when this step ends" % (name, path))
    _message("createArtifact", ("path", path), ("name", name), ("length", length))


def updateprogress(progress, message=None):
    print("##octopus[progress percentage='%s' message='%s']" % (_encode(progress), _encode(message or "")), flush=True)


def failstep(message=None):
    if message:
        _message("resultMessage", ("message", message))
    _sys.exit(1)


def printverbose(message):
    _level("verbose", message)


def printhighlight(message):
    _level("highlight", message)


def printwait(message):
    _level("wait", message)


def printwarning(message):
    _level("warning", message)


def set_environmentstate(key, value, sensitive=False, type="State"):
    _message("set-environmentstate", ("key", key), ("value", value), ("sensitive", "True" if sensitive else None), ("type", type))


def new_octopustarget(name, targetId=None, inputs=None, roles=None, workerPool=None, updateIfExisting=False):
    _message("createStepPackageTarget", ("name", name), ("targetId", targetId), ("inputs", inputs), ("octopusRoles", roles),
             ("octopusDefaultWorkerPoolIdOrName", workerPool), ("updateIfExisting", "true" if updateIfExisting else None))


def remove_octopustarget(machine):
    print("##octopus[delete-target machine='%s']" % _encode(machine), flush=True)


def report_kubernetes_manifest(manifest, ns=None):
    document = []
    for line in (manifest + "\n---").splitlines():
        if line.strip() != "---":
            document.append(line)
        elif document:
            _message("k8s-manifest-applied", ("manifest", "\n".join(document) + "\n"), ("ns", ns))
            document = []


class _Variables(dict):
    """Names are compared without case, as the server does; the names as they were given are what it lists."""

    def __init__(self, values):
        dict.__init__(self, values)
        self._names = {name.lower(): name for name in values}

    def __getitem__(self, name):
        return dict.__getitem__(self, self._names.get(name.lower(), name))

    def __contains__(self, name):
        return name.lower() in self._names

    def get(self, name, default=None):
        return self[name] if name in self else default


def _run(path, arguments):
    import types
    module = types.ModuleType("__main__")
    module.__dict__.update((k, v) for k, v in globals().items() if not k.startswith("__"))
    module.__file__ = path
    _sys.modules["__main__"] = module
    _sys.argv = [path] + arguments
    _sys.path.insert(0, _os.path.dirname(_os.path.abspath(path)))
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec")
    exec(code, module.__dict__)
