"""The words of a verification's notes: a message, and the sentences of its hint."""

from __future__ import annotations

VerifyMessage = tuple[str, tuple[str, ...]]

_ON_CONDA = "on conda: conda cuda-install --force-reinstall pytorch"
_INSTALL = f"pipcuda install --force-reinstall torch ({_ON_CONDA})"
_AGAIN = f"Install it again: {_INSTALL}."
_PAIR = (
    "Install compatible versions: pipcuda install --force-reinstall torch torchvision "
    f"({_ON_CONDA} torchvision)."
)
_MORE_TIME = "The first import from a slow disk takes long: try again with --timeout 600."

WORDS: dict[tuple[str, str], VerifyMessage] = {
    ("torch-not-installed", ""): (
        "torch is not installed for {python}.",
        ("pipcuda install torch (on conda: conda cuda-install pytorch).",),
    ),
    ("torch-import-failed", ""): ("torch cannot be imported ({error}).", (_AGAIN,)),
    ("torch-import-failed", "library"): (
        "torch cannot be imported: a library that it needs is missing or broken ({error}).",
        (_AGAIN,),
    ),
    ("torch-import-failed", "dependency"): (
        "torch cannot be imported: the package {missing} is missing ({error}).",
        ("Install what torch needs: {python} -m pip install --upgrade torch {missing}.",),
    ),
    ("torch-import-failed", "crash"): (
        "torch cannot be imported: the process {how}.",
        ("It last printed: {output}", _AGAIN),
    ),
    ("torch-crashed", "crash"): (
        "The process {how} while {doing}.",
        ("It last printed: {output}", _AGAIN),
    ),
    ("torch-crashed", "illegal-instruction"): (
        "The process {how} while {doing}: this CPU lacks an instruction that the build uses.",
        ("An older torch, or conda-forge's build, may run on it: conda cuda-install pytorch.",),
    ),
    ("verification-timeout", ""): (
        "It did not finish within {limit} s (it was {doing}) and was stopped.",
        (
            "The first import from a slow disk takes long: try again with --timeout 600.",
            "If it hangs again, look whether nvidia-smi answers.",
        ),
    ),
    ("interpreter-failed", ""): (
        "{python} did not run the verification: it {how}.",
        ("It last printed: {output}", "Name an interpreter: --python .venv."),
    ),
    ("cpu-build", ""): (
        "torch {torch} is a CPU build, and no NVIDIA driver was found on this machine.",
        (),
    ),
    ("cpu-build", "driver"): (
        "torch {torch} is a CPU build, and this machine has an NVIDIA driver ({driver}).",
        (f"Take a CUDA build: {_INSTALL}.",),
    ),
    ("cuda-not-available", ""): (
        ("torch {torch}, for CUDA {cuda}, finds no GPU, although there is a driver ({driver})."),
        ("torch reports: {reason}", "Look whether nvidia-smi lists the GPU."),
    ),
    ("cuda-not-available", "no-driver"): (
        "torch {torch} is for CUDA {cuda}, and no NVIDIA driver was found on this machine.",
        ("It works on the CPU here. On the machine with the GPU, run this again.",),
    ),
    ("cuda-not-available", "driver-too-old"): (
        "torch {torch} is for CUDA {cuda}, which the driver {driver} cannot run.",
        (
            "torch reports: {reason}",
            f"Take a build for this driver: {_INSTALL}.",
        ),
    ),
    ("cuda-not-available", "hidden"): (
        "torch {torch}, for CUDA {cuda}, finds no GPU: {hidden} hides them.",
        ("Unset CUDA_VISIBLE_DEVICES, and run this again.",),
    ),
    ("cuda-query-failed", ""): (
        "torch fails when it is asked for CUDA ({error}).",
        ("Look whether nvidia-smi lists the GPU. " + _AGAIN,),
    ),
    ("no-kernel-image", ""): (
        "torch {torch} has no code for {device} ({error}).",
        (f"Take a build that has: {_INSTALL}.",),
    ),
    ("convolution-failed", ""): (
        "torch {torch} multiplies on the GPU, but cannot convolve there, with cuDNN ({error}).",
        (_AGAIN,),
    ),
    ("convolution-wrong", ""): (
        "torch {torch} multiplies on the GPU, but convolves wrongly there, with cuDNN.",
        (_AGAIN,),
    ),
    ("cudnn-mixed", ""): (
        (
            "torch {torch} computes on the GPU, but with parts of another cuDNN than its own "
            "({error})."
        ),
        (
            (
                "They usually come from a folder in LD_LIBRARY_PATH, which is searched before the "
                "folders of torch's cuDNN: unset LD_LIBRARY_PATH, and run this again."
            ),
        ),
    ),
    ("matrix-product-failed", ""): ("torch cannot compute on {device} ({error}).", (_AGAIN,)),
    ("matrix-product-wrong", ""): (
        "torch {torch} computes a wrong matrix product on {device}.",
        (_AGAIN, "If it stays wrong, the hardware or its driver is at fault: see dmesg."),
    ),
    ("torchvision-import-failed", ""): ("torchvision cannot be imported ({error}).", (_PAIR,)),
    ("nms-missing", ""): (
        "torchvision {torchvision} lacks its operator nms: it was not made for torch {torch}.",
        (_PAIR,),
    ),
    ("nms-missing", "cuda"): (
        "torchvision {torchvision} lacks its operator nms for CUDA: it is a CPU build.",
        (_PAIR,),
    ),
    ("nms-failed", ""): (
        "torchvision {torchvision}'s operator nms fails on {device} ({error}).",
        (_PAIR,),
    ),
    ("nms-wrong", ""): (
        "torchvision {torchvision}'s operator nms gives a wrong answer on {device}.",
        (_PAIR,),
    ),
    ("family-not-tried", ""): ("{package} was not tried: no time was left.", (_MORE_TIME,)),
    ("family-not-tried", "no-driver"): (
        "{package} was not tried: no NVIDIA driver was found on this machine.",
        (),
    ),
    ("family-on-cpu", ""): (
        (
            "{package}, for CUDA {cuda}, leaves the GPU alone and computes on the CPU, although "
            "there is a driver ({driver})."
        ),
        (
            "It reports: {told}.",
            "Look what is in the way: pipcuda doctor. To install it: {install}.",
        ),
    ),
    ("family-on-cpu", "hidden"): (
        "{package}, for CUDA {cuda}, computes on the CPU: {hidden} hides the GPUs.",
        ("Unset CUDA_VISIBLE_DEVICES, and run this again.",),
    ),
    ("family-on-cpu", "without-cuda"): (
        (
            "{package} computes on the CPU: its CUDA part is not installed, and this machine has "
            "an NVIDIA driver ({driver})."
        ),
        ("It reports: {told}.", "With its CUDA part: {install}."),
    ),
    ("family-on-cpu", "cpu-build"): (
        "{package} is the build for the CPU, and computes there.",
        ("For the GPU: {install}.",),
    ),
    ("family-fails", ""): (
        "{package} does not compute on the GPU ({error}).",
        ("Look what is in the way: pipcuda doctor. To install it: {install}.",),
    ),
    ("family-fails", "hidden"): (
        "{package} does not compute on the GPU ({error}): {hidden} hides the GPUs.",
        ("Unset CUDA_VISIBLE_DEVICES, and run this again.",),
    ),
    ("family-fails", "import"): (
        "{package} cannot be imported, or a library that it needs cannot ({error}).",
        ("To install it with what it needs: {install}.",),
    ),
    ("family-fails", "wrong"): (
        "{package} computes wrong.",
        ("If it stays wrong, the hardware or its driver is at fault: see dmesg.",),
    ),
    ("family-fails", "crash"): (
        "The process {how} while trying {package}.",
        ("It last printed: {output}", "To install it again: {install}."),
    ),
    ("family-timeout", ""): (
        "{package} did not answer within {limit} s and was stopped.",
        (_MORE_TIME,),
    ),
}
