"""Messages: the message and hint of every note, by code and case.

A template takes the note's facts; a hint may be several sentences, each left out when a fact that
it needs is missing. docs/notes.md lists the codes with their meaning and cure.
"""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from .language import facts_said, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Note

Message = tuple[str, tuple[str, ...]]

_ANOTHER_PYTHON = (
    "With Python {other_pythons}, {python_other} would run here: ask for {python_other_spec}."
)

# What would run here: for a refusal of the lead or its companions, and of a kind of build alone.
_RUNS_HERE = (
    "{near} is the nearest that would run here: ask for {near_spec}.",
    "{other} would run here: ask for {other_spec}.",
    _ANOTHER_PYTHON,
)
_WAYS_OUT = (
    *_RUNS_HERE,
    "conda-forge has a build that runs here: conda install -c conda-forge {forge}.",
    "Driver {driver_needed} or newer (branch {branch}) would run {driver_for}.",
)
_OF_ITS_KIND = (
    "{cpu_wish} asks for the CPU build; without it, builds for the GPU count too.",
    *_RUNS_HERE[:2],
    "{cpu_other} is the newest CPU build: --cpu takes it.",
    _ANOTHER_PYTHON,
)
_NEAR = "Ask for {near}, which runs here."
_WITH_PYTHON = "With Python {other_python}, {other_spec} would run here."
_AS_IS = "To install it as typed all the same: --as-is."
_ADD_CUDA = ("Add --cuda X.Y, the CUDA version of the driver on the machine that will run it.",)
_DOCTOR = "For what to do about it: pipcuda doctor (conda cuda-doctor)."
_TYPE = "Type instead: {command}"
_USE = "Use instead: {instead}"
_CATALOGUE_USED = "The built-in catalogue was used instead."

_APART = (
    "{near} would agree with the rest.",
    "Or install them in two environments, or leave one of them out.",
)
_CPU_ASKER = "{asker} asks for it: leave that package out, or take another version of it."
_WITHOUT = "{without}: no build that runs here was found in the channels of this request."
# The ways out where an index is dead.
_WITHOUT_INDEX = (
    "To use a mirror: CUDA_GUARD_WHEEL_INDEX=ADDRESS; mirrors that have its wheels: {mirrors}.",
)

# What building from source takes; each sentence only where its facts are known.
_BUILDING = (
    "pipcuda install {near} takes it with {near_lead}, for which it has a file.",
    (
        "Building needs nvcc of CUDA {cuda} (the same minor version where possible) and a C++ "
        "compiler."
    ),
    "It takes some {minutes} minutes on 64 cores, {hours} hours on one.",
    "Each job takes some {memory} GB of memory: MAX_JOBS bounds them.",
    "{command} builds it, once torch is there with {tools}.",
)

WORDS: dict[tuple[str, str], Message] = {
    ("cpu-build-chosen", "asked"): ("The CPU build was chosen, as asked.", ()),
    ("cpu-build-chosen", "macos"): (
        "macOS has no CUDA: its only build uses the CPU and Apple's GPU (MPS).",
        (),
    ),
    ("cpu-build-chosen", "wished"): (
        "{wish} is a CPU build, and {here} has an NVIDIA driver.",
        ("Leave it out of the request to get the CUDA build that fits.",),
    ),
    ("cpu-build-chosen", "no-driver"): (
        "The CPU build was chosen: it cannot use a GPU.",
        (
            (
                "For a machine with a GPU, add the CUDA version of its driver: --cuda 12.4 "
                "(it is in the first lines of nvidia-smi)."
            ),
        ),
    ),
    ("cpu-build-chosen", "family"): (
        (
            "{package} has no CUDA build for {platform} with Python {pythons}: it will run on "
            "the CPU."
        ),
        (),
    ),
    ("cpu-build-chosen", "as-is"): (
        "As typed this installs a CPU build ({build}), and {here} has an NVIDIA driver.",
        ("Leave out --as-is to get the CUDA build that fits.",),
    ),
    ("cuda-newer-than-driver", ""): ("{build} needs CUDA {cuda}; {limit}.", ()),
    ("cuda-newer-than-driver", "as-is"): (
        "{build} needs CUDA {cuda}; {limit}.",
        ("Take a build for CUDA {host_cuda} or older, or update the NVIDIA driver.",),
    ),
    ("cuda-newer-than-driver", "left"): (
        "{build} needs CUDA {cuda}; {limit}.",
        ("Driver {driver_needed} or newer runs it.",),
    ),
    ("cuda-newer-than-driver", "strict"): (
        (
            "{build} needs CUDA {cuda}; the driver has CUDA {host_cuda}, and --policy strict "
            "leaves minor-version compatibility out."
        ),
        ("Leave out --policy strict to allow it.",),
    ),
    ("driver-minor-compatible", ""): (
        (
            "CUDA {cuda} is newer than the driver's {host_cuda}: driver {driver} runs it by "
            "NVIDIA's minor-version compatibility, without its newest features."
        ),
        ("To exclude it: --policy strict.",),
    ),
    ("gpu-not-covered", ""): (
        "{build} has no code for {gpu} (compute capability {capability}).",
        ('It would fail with "no kernel image is available for execution on the device".',),
    ),
    ("gpu-not-covered", "files"): (
        (
            "{asked} has no files with code for {gpu} (compute capability {capability}): they are "
            "for {needed}."
        ),
        ("{other} would run here: ask for {other_spec}.",),
    ),
    ("gpu-not-covered", "built"): (
        (
            "{asked} has no code for {gpu} (compute capability {capability}): it needs {least} "
            "or newer."
        ),
        (
            "Leave it out of the request.",
            _AS_IS,
        ),
    ),
    ("gpu-not-covered", "board"): (
        (
            "{build} is made for servers: it has no code for {gpu} (compute capability "
            "{capability}), which is the GPU of a Jetson board."
        ),
        (
            (
                "NVIDIA's index has wheels for the boards, by JetPack and CUDA: for JetPack 6 with "
                "CUDA 12.6, pip install torch --index-url "
                "https://pypi.jetson-ai-lab.io/jp6/cu126."
            ),
        ),
    ),
    ("no-driver", ""): (
        "No NVIDIA driver was found on {here}, or CUDA was switched off.",
        (),
    ),
    ("no-driver", "wish-kept"): (
        "No NVIDIA driver was found, so {wish} could not be checked; it was kept as asked.",
        _ADD_CUDA,
    ),
    ("no-driver", "gpu-named"): (
        "A GPU was named ({gpus}), but no driver is known for it.",
        ("Add --cuda X.Y, the number in the first lines of nvidia-smi on that machine.",),
    ),
    ("no-driver", "conda"): (
        "No NVIDIA driver was found on {here}, so no CUDA build can be chosen.",
        (
            (
                "For another machine (a cluster's GPU node): add --cuda X.Y, the number in the "
                "first lines of its nvidia-smi."
            ),
            "For the CPU build: add --cpu.",
        ),
    ),
    ("no-driver", "no-cpu"): (
        (
            "No NVIDIA driver was found on {here}, and there is no CPU build of {packages}: a CUDA "
            "build was taken, for a machine that has one."
        ),
        _ADD_CUDA,
    ),
    ("no-driver", "family"): (
        "No NVIDIA driver was found, so which build of {family} fits is not known: as typed.",
        _ADD_CUDA,
    ),
    ("driver-fails", ""): (
        "The NVIDIA driver on this machine fails ({failure}).",
        (
            _DOCTOR,
            (
                "To plan without it: --cuda X.Y for the CUDA version that it should have, "
                "--cpu for the CPU build."
            ),
        ),
    ),
    ("driver-fails", "wish-kept"): (
        (
            "The NVIDIA driver on this machine fails ({failure}): the build asked for "
            "was kept and could not be checked."
        ),
        ("For what to do about the driver: pipcuda doctor.",),
    ),
    ("driver-gives-no-gpu", ""): (
        (
            "The NVIDIA driver {driver} is running and gives no GPU here ({failure}). The build is "
            "the one for that driver, and it cannot use a GPU until the driver gives it."
        ),
        (
            _DOCTOR,
            (
                "A container has to be started with its GPU: docker run --gpus all, for a pod a "
                "limit of nvidia.com/gpu."
            ),
        ),
    ),
    ("driver-fails", "family"): (
        (
            "The NVIDIA driver on this machine fails ({failure}), so which build fits is not "
            "known: as typed."
        ),
        (
            _DOCTOR,
            "To plan without it: --cuda X.Y for the CUDA version that it should have.",
        ),
    ),
    ("no-gpu-known", ""): (
        "No GPU is known, so whether the build has code for it was not checked.",
        ("To check it, add --gpu NAME, or --gpu X.Y (its compute capability).",),
    ),
    ("no-variant-fits", "family"): (
        (
            "No build of {asked} runs on {here}: the oldest is for CUDA {cuda}, and driver "
            "{driver} runs up to CUDA {host_cuda}."
        ),
        (
            "Driver {driver_needed} or newer runs it.",
            "Or ask for {near}, which runs here.",
            _WITH_PYTHON,
        ),
    ),
    ("no-variant-fits", "family-gpu"): (
        "No build of {asked} has code for {gpu} (compute capability {capability}).",
        (
            "Ask for {near}, which has it.",
            _WITH_PYTHON,
            "For its CPU build: add {cpu}.",
            _AS_IS,
        ),
    ),
    ("no-variant-fits", "family-none"): (
        "No CUDA build of {asked} is known for {platform} with Python {pythons}.",
        (
            _NEAR,
            "With {other_libc} or newer, {libc_spec} would run here.",
            _WITH_PYTHON,
            "Or build it for CUDA: {from_source}.",
            "For its CPU build: add {cpu}.",
            _AS_IS,
        ),
    ),
    ("no-variant-fits", "family-contradicts"): (
        "{asked} contradict each other: no release is all of them.",
        (
            _NEAR,
            _WITH_PYTHON,
            _AS_IS,
        ),
    ),
    ("no-variant-fits", "conda-none"): (
        "No CUDA build of {asked} is known for {platform} in the channels of this request.",
        (
            _NEAR,
            _AS_IS,
        ),
    ),
    ("no-variant-fits", "no-cpu"): (
        "{family} has no build for the CPU.",
        ("Leave out --cpu, or leave {asked} out of the request.",),
    ),
    ("no-variant-fits", ""): (
        "No build of {asked} runs on {here} ({machine}).",
        _WAYS_OUT,
    ),
    ("no-variant-fits", "available"): (
        "No build of {asked} that is available now runs on this machine ({machine}).",
        _WAYS_OUT,
    ),
    ("no-variant-fits", "none-available"): (
        "No build of {asked} of the kind asked for is available now for {platform}.",
        _OF_ITS_KIND,
    ),
    ("no-variant-fits", "no-build"): (
        "No build of {asked} of the kind asked for exists for this platform and Python.",
        _OF_ITS_KIND,
    ),
    ("no-variant-fits", "no-index"): (
        "No build of {asked} for {platform} is in the folders and pages of --find-links.",
        (
            *_RUNS_HERE,
            "pipcuda download --host FILE -d DIR fetches what a machine without an index needs.",
        ),
    ),
    ("no-variant-fits", "platform"): (
        "No build of {asked} exists for {platform}.",
        _RUNS_HERE,
    ),
    ("spec-not-read", ""): (
        "{spec} cannot be parsed, so no build can be chosen for it.",
        ("Write the version as in pytorch>=2.1,<2.3 or pytorch==2.1.1.",),
    ),
    ("release-unknown", "companion"): (
        "No {package} release satisfies {asked}; the newest known is {newest}.",
        ("Compatible versions: {pair}.",),
    ),
    ("release-unknown", "companion-platform"): (
        "{asked} has no files for {platform}.",
        ("--as-is passes it to pip as it is.",),
    ),
    ("companion-mismatch", ""): (
        "These versions are not compatible: {asked}.",
        (
            "Compatible versions: {pair}.",
            "The companion asked for is compatible with torch {lead_for_companion}.",
        ),
    ),
    ("explicit-variant-replaced", "absent"): (
        "{wish} was replaced: no such build exists for what was asked on {platform}.",
        (
            "{variant}'s last release is {last}.",
            "{variant}'s first release is {first}.",
            "No known torch release has a build with {nowhere}.",
            "It was made for Python {last_pythons}.",
            "To keep it, ask for {keep_spec}.",
        ),
    ),
    ("explicit-variant-replaced", "unavailable"): (
        "{wish} was replaced: its index {index} cannot be reached.",
        (),
    ),
    ("explicit-variant-replaced", "companion"): (
        "{wish} was replaced: there is no {companion} for it.",
        (),
    ),
    ("explicit-variant-replaced", "driver"): (
        "{wish} was replaced: it needs CUDA {cuda}, and {limit}.",
        (),
    ),
    ("explicit-variant-replaced", "gpu"): (
        "{wish} was replaced: it has no code for {gpu} (compute capability {capability}).",
        (),
    ),
    ("explicit-variant-replaced", "contradicted"): (
        "{wish} was dropped: it contradicts {kept}, which was kept.",
        (),
    ),
    ("explicit-variant-replaced", "cpu-asked"): (
        "{wish} was replaced: --cpu asks for the CPU build.",
        (),
    ),
    ("explicit-variant-replaced", "macos"): ("{wish} was replaced: macOS has no CUDA.", ()),
    ("python-not-covered", ""): (
        "{asked} has no build for Python {python}; torch {release} was made for {pythons}.",
        (
            "Use an environment with Python {usable_pythons}.",
            "The nearest release for Python {python} that runs here: {near_spec}.",
            "Or ask for {other_spec}, which has a build for Python {python} that runs here.",
            _ANOTHER_PYTHON,
        ),
    ),
    ("python-not-covered", "files"): (
        "{asked} has no files for Python {python}: they are for {pythons}.",
        _RUNS_HERE[1:],
    ),
    ("explicit-variant-replaced", "together"): (
        "{wish} was replaced: the rest of the request has no build for its CUDA version.",
        ("To keep it, install it in an environment of its own.",),
    ),
    ("explicit-variant-replaced", "built"): (
        "{wish} was replaced: its file is for another torch than {lead}; {planned} is for it.",
        (),
    ),
    ("libc-too-old", ""): (
        "{asked} has no build for {libc}: its files need {needed} or newer.",
        (
            *_RUNS_HERE[:2],
            "A newer system, or a container image of one, has {needed}.",
        ),
    ),
    ("libc-too-old", "musl"): (
        "{asked} has no wheels for {libc}: they are made for glibc.",
        ("Use a container image with glibc (Debian's, for one), or conda.",),
    ),
    ("release-unknown", ""): (
        "No {package} release satisfies {asked}; the newest known is {newest}.",
        (
            "Releases before {oldest} are not known.",
            "Releases near it: {near_releases}.",
            *_RUNS_HERE,
        ),
    ),
    ("channel-ended", ""): (
        "Channel pytorch ended at {last}; {release} comes from conda-forge.",
        (),
    ),
    ("channel-ended", "stays"): (
        "Channel pytorch ended at {last}, the release chosen; newer ones are on conda-forge.",
        ("Leave out the channel pytorch to get them.",),
    ),
    ("index-lacks-variant", "conda-forge"): (
        "conda-forge does not have what was asked ({release}); it comes from channel pytorch.",
        (),
    ),
    ("other-source-wins", "avoided"): (
        (
            "torch {release} has no label in its file names, and the default index serves the "
            "same version as {plain}; the file of {variant} is named by its address."
        ),
        (),
    ),
    ("other-source-wins", ""): (
        (
            "torch {release} has no label in its file names, and the default index serves the same "
            "version as {plain}: if that file is taken, it is not the {variant} build planned."
        ),
        ('Check with: python -c "import torch; print(torch.version.cuda)".',),
    ),
    ("other-source-wins", "listed"): (
        (
            "{other} has {files} as well ({found}), and pip takes it from there and not the "
            "planned file of {index}."
        ),
        ("--locked names the planned file by its address.",),
    ),
    ("name-is-pytorch-on-conda", ""): (
        "torch is called pytorch on conda, and was read as that.",
        (),
    ),
    ("name-is-pytorch-on-conda", "typed"): (
        "torch is pip's name for it: on conda the package is called pytorch.",
        (_TYPE,),
    ),
    ("name-is-pytorch-on-conda", "label"): (
        "{label} is pip's way of naming a variant: conda's versions have no such label.",
        (_TYPE,),
    ),
    ("held-back", "libraries"): (
        "{lead} is of CUDA {cuda}, for {library}: its builds ask for their own CUDA's libraries.",
        ("Leave NVIDIA's libraries out of the request: they come with {lead}.",),
    ),
    ("name-is-of-conda", "package"): (
        "{name} is conda's name for it: on pip the package is called {package}.",
        ("Ask for {package} in its place.",),
    ),
    ("name-is-of-conda", ""): (
        "{name} chooses a build on conda: pip has no such package.",
        ("Leave it out: pipcuda finds the build of {package} that runs here.",),
    ),
    ("channel-ended", "elsewhere"): (
        "Channel pytorch has no build of {release} that fits: it is taken from conda-forge.",
        (),
    ),
    ("channel-ended", "typed"): (
        "Channel pytorch ended at {last}: it cannot have {release}.",
        (_TYPE,),
    ),
    ("cpu-build-chosen", "typed"): (
        "This asks for a CPU build ({build}), and {here} has an NVIDIA driver.",
        (_TYPE,),
    ),
    ("cpu-build-chosen", "solved"): (
        "{build} is a CPU build, and {here} has an NVIDIA driver.",
        (_TYPE, _CPU_ASKER),
    ),
    ("cpu-build-chosen", "driver"): (
        (
            "{build} is a CPU build: the CUDA builds in the same channels need CUDA {cuda} or "
            "newer, and {limit}."
        ),
        (_TYPE, _WITHOUT),
    ),
    ("cpu-build-chosen", "twin"): (
        "{build} is a CPU build; the same channels have one for CUDA {cuda}, which runs here.",
        (_TYPE,),
    ),
    ("cpu-build-chosen", "swapped"): (
        "{build} is a CPU build: it would replace the CUDA build {before}.",
        (_TYPE, _CPU_ASKER),
    ),
    ("cuda-newer-than-driver", "typed"): (
        "{build} needs CUDA {cuda}; {limit}.",
        (_TYPE, _WITHOUT),
    ),
    ("cuda-newer-than-driver", "solved"): (
        "{build} needs CUDA {cuda}; {limit}.",
        (_TYPE, _WITHOUT),
    ),
    ("cuda-newer-than-driver", "unsolved"): (
        "This request asks for {build}, which needs CUDA {cuda}; {limit}.",
        (_TYPE, _WITHOUT),
    ),
    ("cuda-newer-than-driver", "pip-section"): (
        "The pip section of {file} asks for {build}, which needs CUDA {cuda}; {limit}.",
        ("To correct the file: {command}",),
    ),
    ("gpu-not-covered", "pip-section"): (
        (
            "The pip section of {file} asks for {build}, which has no code for {gpu} (compute "
            "capability {capability})."
        ),
        ("To correct the file: {command}",),
    ),
    ("no-driver", "unsolved"): (
        "No NVIDIA driver was found on {here}, and what was asked for needs one.",
        (
            (
                "For another machine (a cluster's GPU node): set CONDA_OVERRIDE_CUDA=X.Y, or type "
                "conda cuda-install --cuda X.Y; the number is in the first lines of its nvidia-smi."
            ),
        ),
    ),
    ("driver-minor-compatible", "typed"): (
        (
            "CUDA {cuda} is newer than the driver's {host_cuda}: driver {driver} runs it by "
            "NVIDIA's minor-version compatibility, without its newest features."
        ),
        (),
    ),
    ("gpu-not-covered", "typed"): (
        "{build} has no code for {gpu} (compute capability {capability}).",
        (_TYPE, _WITHOUT),
    ),
    ("gpu-not-covered", "solved"): (
        "{build} has no code for {gpu} (compute capability {capability}).",
        (_TYPE, _WITHOUT),
    ),
    ("pip-conda-mix", "conda-over-pip"): (
        "{installed} was installed here by pip; conda would install {package} over it.",
        ("Remove the one that pip installed first: python -m pip uninstall torch",),
    ),
    ("pip-conda-mix", "both"): (
        "{installed} of pip and {package} of conda are both installed here, with the same files.",
        ("Remove both (python -m pip uninstall torch; conda remove pytorch), install one.",),
    ),
    ("pip-conda-mix", "pip-over-conda"): (
        "{installed} was installed here by conda; pip would install {package} over it.",
        ("Let conda do it instead: conda cuda-install pytorch",),
    ),
    ("pip-conda-mix", "moved"): (
        (
            "{package} moves from the pip list into the conda part: pip would install "
            "another torch for it, over conda's."
        ),
        (),
    ),
    ("installed-cuda-build-kept", ""): (
        "{installed} is installed here and runs: it is kept.",
        ("For the newest that runs here: pipcuda install --upgrade torch",),
    ),
    ("installed-cuda-build-kept", "no-driver"): (
        "{installed} is installed here and is kept; without a driver it could not be checked.",
        ("For the CPU build in its place: pipcuda install --cpu torch",),
    ),
    ("installed-cuda-build-kept", "in-the-way"): (
        "{installed} is installed here and runs; {asked} belongs to another torch.",
        ("To change torch as well, name it: pipcuda install --upgrade torch {words}",),
    ),
    ("installed-cuda-build-kept", "cpu"): (
        (
            "{installed} is installed here, a CPU build on a machine with an NVIDIA driver: it is "
            "kept, as it was not named."
        ),
        ("For the CUDA build in its place: pipcuda install torch",),
    ),
    ("installed-cuda-build-kept", "other"): (
        "{installed} is installed here, a build for {accelerator}: it is kept.",
        ("To change it, name the index of its builds: --index-url ADDRESS",),
    ),
    ("installed-cuda-build-kept", "other-lacks"): (
        (
            "{installed} is installed here, a build for {accelerator}: {asked} has no build for it "
            "that could be found."
        ),
        ("Name the index of its builds: pipcuda install --index-url ADDRESS {words}",),
    ),
    ("installed-set-moved", ""): (
        "Installed with {installed} and moved with it: {moved}.",
        (),
    ),
    ("installed-set-moved", "unfit"): (
        (
            "{installed} is installed here and does not run on this machine; {planned} is to take "
            "its place, as another package asks for it. Moved with it: {moved}."
        ),
        (),
    ),
    ("installed-set-breaks", ""): (
        "Installed here, and not made for {planned}: {broken}.",
        ("To look for releases that are, name them as well: pipcuda install --upgrade {words}",),
    ),
    ("installed-build-replaced", "asked"): (
        "{installed} is installed here; {planned} takes its place, as asked.",
        (),
    ),
    ("installed-build-replaced", "unfit"): (
        (
            "{installed} is installed here and does not run on this machine; {planned} takes its "
            "place."
        ),
        (),
    ),
    ("installed-build-replaced", "cpu"): (
        (
            "{installed} is installed here, a CPU build on a machine with an NVIDIA driver; "
            "{planned} takes its place."
        ),
        (),
    ),
    ("known-conflict", ""): (
        "{lead} does not work with every {package}: for this run it is held to {bound}.",
        (),
    ),
    ("known-conflict", "asked"): (
        "{lead} does not work with {asked}: it needs {bound}.",
        (),
    ),
    ("known-conflict", "installed"): (
        "{present} is installed here, and {lead} does not work with it.",
        ("To get one that it works with: pipcuda install {words}",),
    ),
    ("mirror-retired", "retired"): (
        "{mirror} has closed {url}.",
        (_USE,),
    ),
    ("mirror-retired", "invented"): (
        "{mirror} has no PyTorch wheels at {url}, and never had.",
        (_USE,),
    ),
    ("mirror-retired", "doubtful"): (
        "{mirror} may no longer serve {url}.",
        (_USE,),
    ),
    ("mirror-retired", "free"): (
        "{url} is closed: nothing is added to the channel free, and conda no longer uses it.",
        (_USE,),
    ),
    ("insecure-index", ""): (
        "{url} is not encrypted: anyone on the network path can change what is installed.",
        ("Use instead, where the server has it: {instead}",),
    ),
    ("insecure-index", "mirror"): (
        "{url} is not encrypted: anyone on the network path can change what is installed.",
        (_USE,),
    ),
    ("index-unreachable", "dead-unreachable"): (
        "{index} cannot be reached ({detail}), so it is not used.",
        _WITHOUT_INDEX,
    ),
    ("index-unreachable", "untrusted"): (
        "{index} was not asked: it is not encrypted, so pip ignores it.",
        ("Use its https:// address, or allow it with --trusted-host HOST.",),
    ),
    ("index-unreachable", "dead-untrusted"): (
        "{index} is not encrypted, so pip ignores it and it is not used.",
        (
            "Use its https:// address, or allow it with --trusted-host HOST.",
            *_WITHOUT_INDEX,
        ),
    ),
    ("index-unreachable", "dead-certificate"): (
        "The certificate of {index} was not accepted ({detail}), so it is not used.",
        (
            *_WITHOUT_INDEX,
            "Name your network's certificate with pip's --cert.",
        ),
    ),
    ("index-unreachable", "dead-login-needed"): (
        "{index} asks for a login ({detail}), so it is not used.",
        (
            *_WITHOUT_INDEX,
            "Write the credentials into the URL, ~/.netrc or a keyring, as for pip.",
        ),
    ),
    ("index-unreachable", "dead-server-error"): (
        "{index} answered with a server error ({detail}), so it is not used.",
        _WITHOUT_INDEX,
    ),
    ("index-unreachable", "dead-truncated"): (
        "The answer of {index} was incomplete, so it is not used.",
        _WITHOUT_INDEX,
    ),
    ("index-unreachable", "dead-not-an-index"): (
        "The answer of {index} is not an index page ({detail}), so it is not used.",
        (
            *_WITHOUT_INDEX,
            (
                "A network that asks for a login in the browser answers like this: log in "
                "and try again."
            ),
        ),
    ),
    ("index-unreachable", "family"): (
        "{index} is not available ({detail}), so it is not used.",
        ("To use a copy of it: --extra-index-url ADDRESS.",),
    ),
    ("index-unreachable", "family-none"): (
        "The build of {asked} that runs here is at {index}, which is not available now ({detail}).",
        (
            "Try again, or name a copy of it: --extra-index-url ADDRESS, --find-links PAGE.",
            "To plan as if it were available: pipcuda plan --offline.",
        ),
    ),
    ("index-unreachable", "default"): (
        "pip's default index {index} does not answer either ({detail}).",
        (
            "A mirror of it may: pipcuda mirrors --test, then --index-url ADDRESS.",
            "From a folder of wheels, without a network: --no-index --find-links DIR.",
            "A plan from the built-in catalogue alone: --offline.",
        ),
    ),
    ("families-agree", ""): (
        (
            "{held}: a build for CUDA {major} was taken, as there is none of {because} for CUDA "
            "{other} that runs here; one process loads one CUDA version."
        ),
        (),
    ),
    ("families-agree", "beside"): (
        (
            "{held}: a build for CUDA {major} was taken, to agree with {because}; one process "
            "loads one CUDA version."
        ),
        (),
    ),
    ("families-agree", "installed"): (
        "{held}: a build for CUDA {major} was taken, as {because} is installed.",
        (),
    ),
    ("families-agree", "cudnn"): (
        (
            "{held}: a build with cuDNN {major} was taken, to agree with {because}; one process "
            "loads one cuDNN."
        ),
        (),
    ),
    ("families-agree", "exact"): (
        "{held}: a build for CUDA {major} was taken, for which all of them have code.",
        (),
    ),
    ("families-disagree", "series"): (
        "No build of {packages} is for {asked}.",
        ("{near} has builds, for other releases.",),
    ),
    ("families-disagree", "series-apart"): (
        "{packages}: their builds are for other releases of {lead}, and none for the same.",
        ("Install them in two environments, or leave one of them out.",),
    ),
    ("families-disagree", "cudnn"): (
        (
            "{first} needs cuDNN {first_major} here and {second} cuDNN {second_major}: they "
            "cannot share a process."
        ),
        _APART,
    ),
    ("families-disagree", "exact"): (
        "{first} is built for CUDA {first_major} here, and {second} has no code for it.",
        _APART,
    ),
    ("families-disagree", ""): (
        (
            "{first} needs CUDA {first_major} here and {second} CUDA {second_major}: they "
            "cannot share a process."
        ),
        _APART,
    ),
    ("families-disagree", "installed"): (
        (
            "{first} is installed, for CUDA {first_major}, and {second} has builds for CUDA "
            "{second_major} alone that run here: one process cannot load both."
        ),
        ("Install them in two environments.",),
    ),
    ("cannot-live-together", ""): (
        "{packages} hold the same files: only one of them can be in an environment.",
        ("Leave all but one out of the request.",),
    ),
    ("held-back", "built"): (
        "{package} is held to {release}, the newest that {because} has files for.",
        ("For {newest} type its version: what has no file is then built from source.",),
    ),
    ("held-back", "built-variant"): (
        "{package} is {release} here: {because} has files for it, not for {newest}.",
        ("For {newest} type its label: what has no file is then built from source.",),
    ),
    ("built-from-source", ""): (
        (
            "{package} has no file for {lead} on {platform} with Python {pythons}: pip builds it "
            "from source."
        ),
        _BUILDING,
    ),
    ("built-from-source", "absent"): (
        "{package} has no file for {lead} at {address}: pip builds it from source.",
        _BUILDING,
    ),
    ("built-from-source", "source"): (
        "{package} has no files for any torch: it is built from source.",
        (
            "Its source is {source}: pip's default index has none, or another project's.",
            *_BUILDING[1:],
        ),
    ),
    ("built-from-source", "alone"): (
        "{package} has no built files: pip builds it from source, with the CUDA toolkit.",
        ("Have nvcc in PATH, of a CUDA version up to {host_cuda}, which the driver runs.",),
    ),
    ("built-from-source", "jit"): (
        "{package} compiles its CUDA code when it is first used, against {lead}.",
        _BUILDING[1:],
    ),
    ("built-from-source", "cpu"): (
        "{package} has no build for the CPU, and {lead} is one.",
        (
            "Take it with a CUDA build of torch; for another machine name its --cuda or --driver.",
            _BUILDING[0],
        ),
    ),
    ("built-from-source", "accelerator"): (
        "{package} has files for CUDA builds of torch, and {lead} is for another accelerator.",
        (
            "{accelerator}: look for builds of its maker, or build it from source.",
            _BUILDING[0],
        ),
    ),
    ("built-from-source", "board"): (
        "{package} has no known files for the boards whose index is in force.",
        ("Their index may have it; else it is built from source.",),
    ),
    ("built-from-source", "nightly"): (
        "{package} has no files for nightly builds of torch: pip builds it from source.",
        (*_BUILDING[:1], *_BUILDING[2:]),
    ),
    ("built-from-source", "own"): (
        "{lead} is not a release, and {package} has no files for it: pip builds it from source.",
        (*_BUILDING[:1], *_BUILDING[2:]),
    ),
    ("built-from-source", "conda"): (
        (
            "{lead} was installed by conda, and the files of {package} are for pip's builds: which "
            "C++ ABI and CUDA libraries they would meet is not known."
        ),
        (
            "With conda: conda install -c conda-forge {conda}",
            "In an environment of its own: pipcuda install {near}",
        ),
    ),
    ("built-from-source", "no-lead"): (
        "{package} is built against torch, and which one is not known here: as typed.",
        ("Install torch first, or leave pip free to install what packages depend on.",),
    ),
    ("built-again", ""): (
        "There are files for {planned}: {files}.",
        ("Then replace what was built for the other one: pipcuda install {words}",),
    ),
    ("held-back", "family"): (
        "{package} is held to {release}: {newest} has no build that runs here.",
        ("{other} runs here, under another name.",),
    ),
    ("held-back", "together"): (
        "{package} is held to {release}: {newest} does not agree with the rest of what is there.",
        ("{other} agrees with it, under another name.",),
    ),
    ("not-on-conda", ""): (
        (
            "{packages}: not known to be on the conda channels in force, nor on conda-forge; as "
            "typed."
        ),
        ("Once the rest is there, pip has it: pipcuda install {packages}",),
    ),
    ("family-unknown", "name"): (
        "{asked} is spelt like a build of {family}, and no such build is known: as typed.",
        (_NEAR,),
    ),
    ("family-unknown", ""): (
        "Nothing is known of {asked}: it is left as typed, and was not checked.",
        (),
    ),
    ("family-ended", ""): (
        "{package} is discontinued: it has no new releases, and none is chosen for this machine.",
        ("Use {instead} in its place.",),
    ),
    ("nothing-to-choose", ""): (
        "{package}: every machine gets the same build, so there is nothing to choose.",
        (),
    ),
    ("held-back", ""): (
        "{package} is held to {release}: {newest} does not run on this machine.",
        ("pipcuda matrix shows what fits, and why.",),
    ),
    ("held-back", "constraint"): (
        "{package} is held to {release} by {constraint}; {newest} would run here.",
        (),
    ),
    ("held-back", "slow"): (
        (
            "{package} is held to {release}, the newest plain wheel that runs here: "
            "{index} gave no usable answer."
        ),
        (),
    ),
    ("held-back", "unreachable"): (
        (
            "{package} is held to {release}: of the builds available now, it is the "
            "newest that runs here. {index} cannot be reached."
        ),
        (),
    ),
    ("index-unreachable", "no-page"): (
        "{index} does not exist, and --no-index leaves no other place to look.",
        ("Name the folder or page that has the wheels: --find-links DIR.",),
    ),
    ("index-unreachable", "absent"): (
        "{index} does not exist ({detail}).",
        (_CATALOGUE_USED,),
    ),
    ("index-unreachable", "timeout"): (
        "{index} did not send its page in time.",
        (_CATALOGUE_USED,),
    ),
    ("index-unreachable", "unreachable"): (
        "{index} could not be reached ({detail}).",
        (_CATALOGUE_USED,),
    ),
    ("index-unreachable", "certificate"): (
        "The certificate of {index} was not accepted ({detail}).",
        (
            _CATALOGUE_USED,
            "Name your network's certificate with pip's --cert or conda's ssl_verify.",
        ),
    ),
    ("index-unreachable", "login-needed"): (
        "{index} asks for a login ({detail}).",
        (
            _CATALOGUE_USED,
            "Write the credentials into the URL, ~/.netrc or a keyring, as for pip and conda.",
        ),
    ),
    ("index-unreachable", "server-error"): (
        "{index} answered with a server error ({detail}).",
        (_CATALOGUE_USED,),
    ),
    ("index-unreachable", "truncated"): (
        "The answer of {index} was incomplete.",
        (_CATALOGUE_USED,),
    ),
    ("index-unreachable", "not-an-index"): (
        "The answer of {index} is not an index page ({detail}).",
        (
            _CATALOGUE_USED,
            (
                "A network that asks for a login in the browser answers like this: log in "
                "and try again."
            ),
        ),
    ),
    ("index-unreachable", "too-large"): (
        "The page of {index} is too large to be read in time.",
        (_CATALOGUE_USED,),
    ),
    ("index-unreachable", "not-asked"): (
        "{index} could not be asked ({detail}).",
        (_CATALOGUE_USED,),
    ),
    ("index-lacks-variant", "wheel-index"): (
        "{index} has no build that fits; {build} is taken from {instead}.",
        (),
    ),
    ("user-index-serves-it", ""): (
        "Your index {index} has this build too, as its plain wheel.",
        ("To take it from there, which is usually faster: --prefer-index.",),
    ),
    ("user-index-serves-it", "family"): (
        "{package} is left as typed: {index}, which is in force, has it.",
        (),
    ),
    ("user-index-serves-it", "used"): (
        "The build is taken from your index {index}, where it is the plain wheel.",
        (),
    ),
    ("channel-missing-on-mirror", ""): (
        "{mirror} has no channel {channel} for {subdir}: it is taken from {instead}.",
        (),
    ),
    ("channel-priority-hides-cuda", ""): (
        "{first} comes before {other} and has only CPU builds: it hides the CUDA builds.",
        ("Put {other} before {first} in your channels.",),
    ),
    ("pinned-spec", ""): (
        "conda's pinned specs are in force: {pins}.",
        ("They are in pinned_packages of a .condarc, or in conda-meta/pinned.",),
    ),
    ("channel-forbidden", ""): (
        "conda is not allowed to use {channels} (allowlist_channels or denylist_channels).",
        (),
    ),
    ("cannot-lock", ""): (
        "{file} cannot be locked: its index gave no {what} for it.",
        ("Leave out --locked, or --offline, or name an index that gives hashes.",),
    ),
    ("variant-wheel", ""): (
        (
            "{package} {release} has variant wheels only; this one runs here: {file}. pip takes "
            "such a file neither by its name nor by its address."
        ),
        ("pipcuda does: pipcuda install {package}=={release}",),
    ),
    ("variant-wheel", "pipcuda"): (
        (
            "It is a variant wheel, named by its address: pip takes none, so pipcuda fetches it "
            "and gives it to pip under its name without the label."
        ),
        (),
    ),
    ("variant-wheel", "uv"): (
        "It is a variant wheel, named by its address; uv's preview of variant wheels is on.",
        (),
    ),
    ("cannot-lock", "host"): (
        (
            "{file} cannot be locked: {index} leads to {address}, which is not on a host of that "
            "index."
        ),
        ("Leave out --locked, or name the index of that host.",),
    ),
    ("request-invalid", ""): ("{problem}", ("{hint}",)),
    ("variant-not-made", ""): ("{build} was never made.", ()),
    ("index-lacks-variant", "cell"): ("The wheel index in use does not have {build}.", ()),
    ("platform-not-covered", ""): ("{build} was made for {platforms}, not for {platform}.", ()),
    ("python-not-covered", "cell"): (
        "{build} was made for Python {pythons}, not for {python}.",
        (),
    ),
    ("libc-too-old", "cell"): ("{build} needs {needed} or newer; this system has {libc}.", ()),
    ("gpu-not-covered", "ptx"): (
        (
            "{build} has only PTX for {gpu} (compute capability {capability}), which driver "
            "{driver} is too old to compile."
        ),
        (),
    ),
    ("cpu-build", ""): ("{build} runs anywhere, on the CPU only.", ()),
    ("cpu-build", "macos"): ("{build} runs here, on the CPU and on Apple's GPU (MPS).", ()),
    ("no-driver", "cell"): (
        "{build} would run on the CPU only: no NVIDIA driver is known here.",
        (),
    ),
    ("driver-direct", ""): ("The driver has CUDA {host_cuda}; {build} needs {cuda}.", ()),
    ("gpu-covered", ""): ("{build} has code for {gpus}.", ()),
}


def message(note: Note) -> str:
    """Return a note's message."""
    template, _ = WORDS[note.code, note.case]
    return translated(template).format_map(_with_phrases(note.facts))


def hint(note: Note) -> str:
    """Return a note's hint: the sentences whose facts are known."""
    _, sentences = WORDS[note.code, note.case]
    return known_sentences(sentences, _with_phrases(note.facts))


def known_sentences(sentences: Iterable[str], facts: Mapping[str, str]) -> str:
    """Return the sentences whose facts are known, with these."""
    return " ".join(translated(one).format_map(facts) for one in sentences if _is_known(one, facts))


def _is_known(sentence: str, facts: Mapping[str, str]) -> bool:
    """Return whether every fact that a sentence needs is known and not empty."""
    fields = (field for _, field, _, _ in Formatter().parse(sentence) if field)
    return all(facts.get(field) for field in fields)


def _with_phrases(facts: Mapping[str, str]) -> dict[str, str]:
    """Return the facts with phrases added that are made of several, any of which may be unknown."""
    facts = facts_said(facts)
    driver, cuda = facts.get("driver"), facts.get("host_cuda")
    named = translated("driver {driver}").format(driver=driver) if driver else ""
    parts = [named, f"CUDA {cuda}" if cuda else ""]
    machine = ", ".join(filter(None, parts))
    here = facts.get("here") or translated("this machine")
    who = named or here
    most, older = (
        translated("{who} runs CUDA {cuda} at most"),
        translated("{who} is older than that"),
    )
    limit = (most if cuda else older).format(who=who, cuda=cuda)
    gpus = facts.get("gpus")
    machine = "; ".join(filter(None, [machine, gpus]))
    return {**facts, "machine": machine, "limit": limit, "here": here}
