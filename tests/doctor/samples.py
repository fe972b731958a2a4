"""Error texts as people paste them, by the code of the rule that shall come first."""

# ruff: noqa: E501, RUF001 - what programs print is neither wrapped nor ASCII

SAMPLES = {
    "driver-too-old": "RuntimeError: The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver by downloading and installing a new version",
    "driver-library-mismatch": "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.183",
    "driver-not-running": "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
    "nouveau-in-use": "ERROR: The Nouveau kernel driver is currently in use by your system.  This driver is incompatible with the NVIDIA driver",
    "libcuda-not-found": "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory",
    "container-without-gpu": 'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].',
    "wsl-driver": "nvidia-container-cli: WSL environment detected but no adapters were found: unknown.",
    "no-visible-device": "RuntimeError: No CUDA GPUs are available",
    "device-ordinal": "RuntimeError: CUDA error: invalid device ordinal\nCUDA kernel errors might be asynchronously reported at some other API call",
    "unknown-error-after-suspend": "UserWarning: CUDA initialization: CUDA unknown error - this may be due to an incorrectly set up environment, e.g. changing env variable CUDA_VISIBLE_DEVICES after program start.",
    "device-file-permission": "could not open device file /dev/nvidiactl (Permission denied).",
    "gpu-fell-off": "NVRM: Xid (PCI:0000:01:00): 79, pid='<unknown>', GPU has fallen off the bus.",
    "cpu-build": "AssertionError: Torch not compiled with CUDA enabled",
    "no-kernel-image": "RuntimeError: CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors might be asynchronously reported",
    "gpu-newer-than-torch": "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.\nThe current PyTorch install supports CUDA capabilities sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90.",
    "torchvision-nms-missing": "RuntimeError: operator torchvision::nms does not exist",
    "torchaudio-mismatch": "OSError: /env/lib/python3.11/site-packages/torchaudio/lib/libtorchaudio.so: undefined symbol: _ZN3c104cuda20CUDACachingAllocator9allocatorE",
    "library-path-shadows-torch": "ImportError: /env/lib/python3.11/site-packages/torch/lib/../../nvidia/cusparse/lib/libcusparse.so.12: undefined symbol: __nvJitLinkAddData_12_1, version libnvJitLink.so.12",
    "cudnn-of-another-torch": (
        "ERROR: pip's dependency resolver does not currently take into account all the packages "
        "that are installed. torch 2.5.1 requires nvidia-cudnn-cu12==9.1.0.70; platform_system == "
        '"Linux", but you have nvidia-cudnn-cu12 9.5.0.50 which is incompatible.'
    ),
    "cuda-package-does-not-run": "RuntimeWarning: CUDA backend failed to initialize: Found CUDA version 12010, but JAX was built against version 12020, which is newer. The copy of CUDA that is installed must be at least as new as the version against which JAX was built.",
    "cuda-package-on-cpu": "W tensorflow/core/common_runtime/gpu/gpu_device.cc:2256] Cannot dlopen some GPU libraries. Please make sure the missing libraries mentioned above are installed properly if you would like to use GPU.\nSkipping registering GPU devices...",
    "cuda-packages-disagree": "[W:onnxruntime:Default, onnxruntime_pybind_state.cc:870 CreateExecutionProviderInstance] Failed to create CUDAExecutionProvider. Require cuDNN 9.* and CUDA 12.*.",
    "cudnn-of-another-package": "E external/local_xla/xla/stream_executor/cuda/cuda_dnn.cc:9261] Loaded runtime CuDNN library: 8.9.7 but source was compiled with: 9.1.0.  CuDNN library needs to have matching major version and equal or higher minor version.",
    "cannot-live-together": "UserWarning: CuPy may not function correctly because multiple CuPy packages are installed in your environment:\n  cupy-cuda11x, cupy-cuda12x",
    "follower-of-another-torch": "ERROR: pip's dependency resolver does not currently take into account all the packages that are installed. vllm 0.33.0 requires torch==2.14.0, but you have torch 2.13.0 which is incompatible.",
    "cudnn-missing": "ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory",
    "cudnn-not-initialized": "RuntimeError: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED",
    "cublas-failed": "RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
    "out-of-memory": "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 7.79 GiB total capacity)",
    "device-side-assert": "RuntimeError: CUDA error: device-side assert triggered",
    "illegal-memory-access": "RuntimeError: CUDA error: an illegal memory access was encountered",
    "nccl-error": "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1333, unhandled system error, NCCL version 2.18.1\nncclSystemError: System call failed",
    "triton-missing": "ModuleNotFoundError: No module named 'triton'",
    "mkl-itt-symbol": "ImportError: /env/lib/python3.10/site-packages/torch/lib/libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent",
    "windows-dll-missing": 'OSError: [WinError 126] The specified module could not be found. Error loading "C:\\env\\Lib\\site-packages\\torch\\lib\\fbgemm.dll" or one of its dependencies.',
    "numpy-2-abi": "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0 as it may crash.",
    "nvcc-not-found": "/bin/sh: 1: nvcc: not found",
    "cuda-home-not-set": "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.",
    "extension-cuda-mismatch": "RuntimeError: The detected CUDA version (12.4) mismatches the version that was used to compile PyTorch (11.8). Please make sure to use the same CUDA versions.",
    "extension-torch-mismatch": "ImportError: /env/lib/python3.11/site-packages/flash_attn_2_cuda.cpython-311-x86_64-linux-gnu.so: undefined symbol: _ZN3c105ErrorC2ENS_14SourceLocationESs",
    "torch-missing-in-build": "error: subprocess-exited-with-error\n× Getting requirements to build wheel did not run successfully.\n╰─> [20 lines of output]\n      ModuleNotFoundError: No module named 'torch'",
    "two-toolkits": "/usr/bin/ld: warning: libcudart.so.11.0, needed by /usr/local/lib/liba.so, may conflict with libcudart.so.12",
    "libcudart-not-found": "ImportError: libcudart.so.11.0: cannot open shared object file: No such file or directory",
    "host-compiler-unsupported": "/usr/local/cuda/include/crt/host_config.h:132:2: error: #error -- unsupported GNU version! gcc versions later than 11 are not supported!",
    "nvcc-unknown-architecture": "nvcc fatal   : Unsupported gpu architecture 'compute_89'",
    "libstdcxx-too-old": "ImportError: /lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by /env/lib/libicuuc.so)",
    "glibc-too-old": "OSError: /lib64/libc.so.6: version `GLIBC_2.28' not found (required by /env/torch/lib/libtorch_cpu.so)",
    "no-torch-for-this-python": "ERROR: Could not find a version that satisfies the requirement torch (from versions: none)\nERROR: No matching distribution found for torch",
    "externally-managed": "error: externally-managed-environment\n\n× This environment is externally managed",
    "hash-mismatch": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "download-timeout": "CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://conda.anaconda.org/pytorch/linux-64/repodata.json>",
    "packages-not-found": "PackagesNotFoundError: The following packages are not available from current channels:\n\n  - pytorch-cuda=12.1",
    "channel-not-on-mirror": "UnavailableInvalidChannel: HTTP 404 NOT FOUND for channel anaconda/cloud/nvidia <https://mirrors.example.edu/anaconda/cloud/nvidia>\n\nThe channel is not accessible or is invalid.",
    "strict-priority": "package pytorch-2.5.1-cuda126_py311 is excluded by strict repo priority",
    "virtual-package-cuda": "LibMambaUnsatisfiableError: Encountered problems while solving:\n  - nothing provides __cuda needed by pytorch-2.5.1-cuda126_py311",
    "pip-over-conda": "ERROR: Cannot uninstall torch 2.1.2, no RECORD file was found for torch.",
    "notebook-extension-old": "ModuleNotFoundError: No module named 'notebook.base'",
    "torch-not-in-kernel": "ModuleNotFoundError: No module named 'torch'",
    "disk-full": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "driver-not-permitted": "pynvml.NVMLError_NoPermission: Insufficient Permissions (NVML_ERROR_NO_PERMISSION)",
    "device-files-missing": "ls: cannot access '/dev/nvidia0': No such file or directory",
    "driver-not-loaded": "NVML initialization failed: NVML_ERROR_DRIVER_NOT_LOADED",
    "cuda-finds-no-gpu": "cuInit returned 100\nCUDA_ERROR_NO_DEVICE",
    "fabric-manager": "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might have already set an error? Error 802: system not yet initialized",
    "driver-combination": "UserWarning: CUDA initialization: Unexpected error from cudaGetDeviceCount(). Error 803: system has unsupported display driver / cuda driver combination (Triggered internally at ../c10/cuda/CUDAFunctions.cpp:108.)",
    "forward-compatibility": "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 804: forward compatibility was attempted on non supported HW",
    "gpu-unavailable": "RuntimeError: CUDA error: all CUDA-capable devices are busy or unavailable",
    "libcuda-is-a-stub": "Error 34: CUDA driver is a stub library",
    "mps-server": "CUDA error: MPS client failed to connect to the MPS control daemon or the MPS server",
    "driver-answers-error": "Failed to initialize NVML: Unknown Error",
    "driver-not-named": "NVMLError_LibraryNotFound: NVML Shared Library Not Found",
    "driver-parts-disagree": "CUDA driver version 12.4 does not match the NVML",
    "jax-without-cuda": "An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is not installed. Falling back to cpu.",
    "torch-without-gpu": "AssertionError: CUDA unavailable, invalid device 0 requested",
    "companion-without-torch": "torchvision 0.16.2 requires torch==2.1.2, which is not installed.",
    "index-does-not-answer": "WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -2] Name or service not known')': /simple/torch/",
    "channel-does-not-answer": "error    libmamba Could not retrieve mirrored repodata: Download error (28) Timeout was reached [https://mirror.example/conda-forge/linux-64/repodata.json]",
    "windows-dll-of-another-version": 'OSError: [WinError 127] The specified procedure could not be found. Error loading "C:\\env\\Lib\\site-packages\\torch\\lib\\torch_python.dll" or one of its dependencies.',
    "windows-paging-file": 'OSError: [WinError 1455] The paging file is too small for this operation to complete. Error loading "C:\\env\\lib\\site-packages\\torch\\lib\\cudnn_cnn_infer64_8.dll" or one of its dependencies.',
    "torch-shadowed-by-file": "AttributeError: partially initialized module 'torch' has no attribute 'Tensor' (most likely due to a circular import)",
    "library-architecture-mismatch": "RuntimeError: CUDA error: CUBLAS_STATUS_ARCH_MISMATCH when calling `cublasGemmEx( handle, opa, opb, m, n, k)`",
    "cusparselt-missing": "ImportError: libcusparseLt.so.0: cannot open shared object file: No such file or directory",
    "xformers-built-for-another": "WARNING[XFORMERS]: xFormers can't load C++/CUDA extensions. xFormers was built for:\n    PyTorch 2.1.0+cu121 with CUDA 1201 (you have 2.1.2+cpu)\n    Python  3.10.13 (you have 3.10.6)",
    "torchcodec-not-loaded": "RuntimeError: Could not load libtorchcodec. Likely causes:\n          1. FFmpeg is not properly installed in your environment.",
    "bitsandbytes-setup": "RuntimeError:\n        CUDA Setup failed despite GPU being available. Please run the following command to get more information:\n\n        python -m bitsandbytes",
    "ptxas-too-old": "ptxas fatal   : Value 'sm_120' is not defined for option 'gpu-name'",
    "triton-of-another-torch": "ImportError: cannot import name 'triton_key' from 'triton.compiler.compiler' (/env/lib/python3.11/site-packages/triton/compiler/compiler.py)",
    "torchvision-module-gone": "ModuleNotFoundError: No module named 'torchvision.transforms.functional_tensor'",
    "flash-attention-gpu": "RuntimeError: FlashAttention only supports Ampere GPUs or newer.",
    "label-not-on-index": "ERROR: Could not find a version that satisfies the requirement torch==2.1.2+cu121 (from versions: 2.2.0, 2.2.1, 2.3.0)\nERROR: No matching distribution found for torch==2.1.2+cu121",
    "wheel-not-for-this-platform": "ERROR: torch-2.1.2+cu121-cp310-cp310-linux_x86_64.whl is not a supported wheel on this platform.",
    "musl-libc": "ImportError: Error relocating /usr/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so: __memcpy_chk: symbol not found",
    "uv-no-version": "  × No solution found when resolving dependencies:\n  ╰─▶ Because only torch<=2.2.2 is available and you require torch>=2.4, we can conclude that your requirements are unsatisfiable.",
    "poetry-no-version": "  Unable to find installation candidates for torch (2.1.2)",
    "conda-frozen-solve": "Solving environment: unsuccessful initial attempt using frozen solve. Retrying with flexible solve.",
    "file-in-use": "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'C:\\env\\Lib\\site-packages\\~orch\\lib\\asmjit.dll'\nConsider using the `--user` option or check the permissions.",
    "model-hub-unreachable": "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: /bert-base-uncased/resolve/main/config.json",
    "bfloat16-gpu": "ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla T4 GPU has compute capability 7.5. You can use float16 instead by explicitly setting the `dtype` flag in CLI, for example: --dtype=half.",
    "torch-of-another-time": "AttributeError: module 'torch' has no attribute 'float8_e4m3fn'",
    "extension-not-compiled": "ModuleNotFoundError: No module named 'mmcv._ext'",
    "python-headers-missing": "/tmp/tmpx/main.c:5:10: fatal error: Python.h: No such file or directory\ncompilation terminated.",
    "libnvvm-not-found": "numba.cuda.cudadrv.error.NvvmSupportError: libNVVM cannot be found. Do `conda install cudatoolkit`:",
    "library-registered-twice": "E external/local_xla/xla/stream_executor/cuda/cuda_dnn.cc:9261] Unable to register cuDNN factory: Attempting to register factory for plugin cuDNN when one has already been registered",
    "mmcv-of-another-release": "AssertionError: MMCV==2.2.0 is used but incompatible. Please install mmcv>=2.0.0rc4, <2.2.0.",
    "package-of-another-torch": "ERROR: pip's dependency resolver does not currently take into account all the packages that are installed. This behaviour is the source of the following dependency conflicts.\ntorchvision 0.15.2 requires torch==2.0.1, but you have torch 2.1.0 which is incompatible.",
}

# More of what people paste, each with all the rules that it shows, the best first.
# What jax and cupy printed on a real machine whose GPU was hidden.
JAX_HIDDEN = """\
Jax plugin configuration error: Exception when calling jax_plugins.xla_cuda13.initialize()
Traceback (most recent call last):
  File "/env/lib/python3.12/site-packages/jax_plugins/xla_cuda13/__init__.py", line 273, in _check_cuda_versions
    for d in range(cuda_versions.cuda_device_count())
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
RuntimeError: jaxlib/cuda/versions_helpers.cc:135: operation cuInit(0) failed: CUDA_ERROR_NO_DEVICE
An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is not installed. Falling back to cpu.
"""
CUPY_HIDDEN = "cupy_backends.cuda.api.runtime.CUDARuntimeError: cudaErrorNoDevice: no CUDA-capable device is detected"

MORE = [
    (JAX_HIDDEN, ["cuda-finds-no-gpu", "jax-without-cuda"]),
    (CUPY_HIDDEN, ["no-visible-device"]),
    ("'nvcc' 不是内部或外部命令，也不是可运行的程序\n或批处理文件。", ["nvcc-not-found"]),
    ("bash: nvcc：未找到命令", ["nvcc-not-found"]),
    ("-bash: nvcc: command not found", ["nvcc-not-found"]),
    ("bash: nvcc: Kommando nicht gefunden.", ["nvcc-not-found"]),
    ("bash: nvcc : commande introuvable", ["nvcc-not-found"]),
    ("nvcc : 无法将“nvcc”项识别为 cmdlet、函数、脚本文件或可运行程序的名称。", ["nvcc-not-found"]),
    ("'nvidia-smi' 不是内部或外部命令，也不是可运行的程序", ["driver-not-running"]),
    ("ImportError: libcuda.so.1: 无法打开共享对象文件: 没有那个文件或目录", ["libcuda-not-found"]),
    (
        "ImportError: libcudart.so.12: cannot open shared object file: No such file or directory",
        ["libcudart-not-found"],
    ),
    (
        'OSError: [WinError 126] 找不到指定的模块。 Error loading "D:\\env\\lib\\site-packages\\torch\\lib\\c10_cuda.dll" or one of its dependencies.',
        ["windows-dll-missing"],
    ),
    ("OSError: [WinError 127] 找不到指定的程序。", ["windows-dll-of-another-version"]),
    ("OSError: [WinError 1455] 页面文件太小，无法完成操作。", ["windows-paging-file"]),
    (
        "ERROR: Could not install packages due to an OSError: [WinError 5] 拒绝访问。: 'c:\\env\\lib\\site-packages\\~orch\\lib\\c10.dll'",
        ["file-in-use"],
    ),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 28] 设备上没有空间",
        ["disk-full"],
    ),
    (
        "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1970, unhandled cuda error (run with NCCL_DEBUG=INFO for details), NCCL version 2.21.5\nncclUnhandledCudaError: Call to CUDA function failed.",
        ["nccl-error"],
    ),
    ("RuntimeError: cuDNN error: CUDNN_STATUS_ARCH_MISMATCH", ["library-architecture-mismatch"]),
    ("CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH", ["library-architecture-mismatch"]),
    ("CUDA SETUP: CUDA detection failed! Possible reasons:", ["bitsandbytes-setup"]),
    (
        "UserWarning: The installed version of bitsandbytes was compiled without GPU support. 8-bit optimizers, 8-bit multiplication, and GPU quantization are unavailable.",
        ["bitsandbytes-setup"],
    ),
    (
        "AttributeError: 'NoneType' object has no attribute 'cadam32bit_grad_fp32'",
        ["bitsandbytes-setup"],
    ),
    (
        "triton.runtime.errors.PTXASError: PTXAS error: Internal Triton PTX codegen error\n`ptxas` stderr:\nptxas fatal   : Value 'sm_120' is not defined for option 'gpu-name'",
        ["ptxas-too-old"],
    ),
    ("ModuleNotFoundError: No module named 'triton.ops'", ["triton-of-another-torch"]),
    (
        "The following packages are incompatible\n└─ pytorch-gpu =* * is not installable because it requires\n   └─ __cuda >=12 *, which is missing on the system.",
        ["virtual-package-cuda"],
    ),
    (
        "  - package pytorch-2.9.1-cuda130_py311 has constraint __cuda >=13 conflicting with __cuda-12.2-0",
        ["virtual-package-cuda"],
    ),
    (
        "               └─ cuda-version 12.9 would constrain\n                  └─ __cuda >=12, which conflicts with any installable versions previously reported",
        ["virtual-package-cuda"],
    ),
    ("由于找不到 cudart64_110.dll，无法继续执行代码。", ["libcudart-not-found"]),
    (
        "The code execution cannot proceed because cudart64_110.dll was not found.",
        ["libcudart-not-found"],
    ),
    ("RuntimeError: PTX was compiled with an unsupported toolchain", ["driver-too-old"]),
    (
        "  - package pytorch-2.5.1-cuda126 requires __cuda, but none of the providers can be installed",
        ["virtual-package-cuda"],
    ),
    (
        "The following specifications were found to be incompatible with your system:\n\n  - feature:/linux-64::__cuda==12.2=0\n  - pytorch -> __cuda[version='>=12']\n\nYour installed version is: 12.2",
        ["virtual-package-cuda"],
    ),
    (
        "   └─ pytorch 2.9.1 would require\n      └─ __cuda >=12.8 *, for which no candidates were found.",
        ["virtual-package-cuda"],
    ),
    (
        "Solving environment: failed with initial frozen solve. Retrying with flexible solve.",
        ["conda-frozen-solve"],
    ),
    (
        "Because there is no version of torch==2.3.1+cu121 and you require torch==2.3.1+cu121, we can conclude that your requirements are unsatisfiable.",
        ["label-not-on-index", "uv-no-version"],
    ),
    (
        "Because torch==2.9.1 has no wheels with a matching platform tag (e.g., `musllinux_1_2_x86_64`) and you require torch==2.9.1",
        ["wheel-not-for-this-platform", "musl-libc"],
    ),
    (
        "Because project depends on torch (2.1.2+cu121) which doesn't match any versions, version solving failed.",
        ["poetry-no-version", "label-not-on-index"],
    ),
    (
        "RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.",
        ["cpu-build", "torch-without-gpu"],
    ),
    (
        "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
        ["driver-not-running", "torch-without-gpu"],
    ),
    ("RuntimeError: CUDA error: named symbol not found", ["no-kernel-image"]),
    ("torch.AcceleratorError: CUDA error: invalid device function", ["no-kernel-image"]),
    ("Error 36: API call is not supported in the installed CUDA driver", ["driver-too-old"]),
    ("Failed to initialize NVML: GPU access blocked by the operating system", ["wsl-driver"]),
    (
        "ERROR: Could not find a version that satisfies the requirement torch==9.9 (from versions: 2.6.0)",
        ["no-torch-for-this-python"],
    ),
    (
        "PackagesNotFoundError: The following packages are not available from current channels:",
        ["packages-not-found"],
    ),
    (
        "    pytorch-cuda =12.9 * does not exist (perhaps a typo or a missing channel).",
        ["packages-not-found"],
    ),
    ("INTEL MKL ERROR: undefined symbol: iJIT_NotifyEvent", ["mkl-itt-symbol"]),
    ("OSError: libcusparseLt.so.0: 无法打开共享对象文件", ["cusparselt-missing"]),
    ("/lib/ld-musl-x86_64.so.1: cannot open libtorch.so", ["musl-libc"]),
    (
        "jaxlib.xla_extension.XlaRuntimeError: FAILED_PRECONDITION: DNN library initialization failed. Look at the errors above for more details.",
        ["cudnn-not-initialized"],
    ),
    (
        "CUDA backend failed to initialize: Found cuDNN version 8600, but JAX was built against version 8904, which is newer.",
        ["cudnn-of-another-package"],
    ),
    (
        "UserWarning: Specified provider 'CUDAExecutionProvider' is not in available provider names. Available providers: 'CPUExecutionProvider'",
        ["cuda-package-on-cpu"],
    ),
    (
        "xgboost.core.XGBoostError: Check failed: XGBoost version not compiled with GPU support.",
        ["cuda-package-on-cpu"],
    ),
    (
        "[LightGBM] [Fatal] CUDA Tree Learner was not enabled in this build.",
        ["cuda-package-on-cpu"],
    ),
    (
        "AttributeError: module 'faiss' has no attribute 'StandardGpuResources'",
        ["cuda-package-on-cpu"],
    ),
    (
        "ValueError: This CTranslate2 package was not compiled with CUDA support",
        ["cuda-package-on-cpu"],
    ),
    (
        "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.4, please update your driver to a newer version",
        ["driver-too-old"],
    ),
    (
        "The conflict is caused by:\n    The user requested torch==2.5.1\n    xformers 0.0.28 depends on torch==2.4.1",
        ["package-of-another-torch"],
    ),
    (
        "ImportError: libc10_cuda.so: undefined symbol: cudaGraphInstantiateWithFlags, version libcudart.so.11.0",
        ["library-path-shadows-torch"],
    ),
    (
        "ValueError: libcublas.so.*[0-9] not found in the system path ['/usr/lib/python3.10']",
        ["libcudart-not-found"],
    ),
    (
        "The third-party dynamic library (libcudnn.so) that Paddle depends on is not configured correctly.",
        ["libcudart-not-found"],
    ),
    (
        "NotImplementedError: No operator found for `memory_efficient_attention_forward` with inputs:\n     query : shape=(1, 4096, 8, 40)",
        ["xformers-built-for-another"],
    ),
    (
        "The following specifications were found to be incompatible with your system:\n\n  - feature:/linux-64::__glibc==2.17=0\n  - pytorch -> __glibc[version='>=2.28']",
        ["glibc-too-old"],
    ),
    ("RuntimeError: Failed to dlopen libcuda.so", ["libcuda-not-found"]),
    (
        "FileNotFoundError: Cannot find DGL C++ graphbolt library at /env/dgl/graphbolt/libgraphbolt_pytorch_2.5.1.so",
        ["extension-torch-mismatch"],
    ),
    (
        "ImportError: libtorch_cuda_cpp.so: cannot open shared object file: No such file or directory",
        ["extension-torch-mismatch"],
    ),
    (
        "You are using GPU version Paddle, but your CUDA device is not set properly. CPU device will be used by default.",
        ["no-visible-device"],
    ),
    ("ModuleNotFoundError: No module named 'vllm._C'", ["extension-not-compiled"]),
    ("ModuleNotFoundError: No module named 'flash_attn_2_cuda'", ["extension-not-compiled"]),
    (
        "ValueError: Your setup doesn't support bf16/gpu. You need torch>=1.10, using Ampere GPU with cuda>=11.0",
        ["bfloat16-gpu"],
    ),
    (
        "AttributeError: module 'torch.library' has no attribute 'register_fake'",
        ["torch-of-another-time"],
    ),
    (
        "ImportError: cannot import name 'DTensor' from 'torch.distributed.tensor'",
        ["torch-of-another-time"],
    ),
]
# What nobody should take for a failure that is known here.
NOTHING = [
    "No module named 'requests'",
    "AssertionError: expected 3, got 4",
    "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)",
    "Solving environment: done",
    "ValueError: Expected more than 1 value per channel when training",
]
