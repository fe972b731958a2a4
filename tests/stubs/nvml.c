/* A libnvidia-ml.so.1 without a driver, for the real pynvml. Configured by the environment:
 *   STUB_NVML_DRIVER  535.104.05
 *   STUB_NVML_CUDA    12020
 *   STUB_NVML_GPUS    name|capability[|uuid];...
 *   STUB_NVML_MEMORY  free,total in bytes, of every GPU; without it, not supported
 *   STUB_DEVICE       a file without which the driver counts as not loaded
 *   STUB_NVML_FAULT   hang, hang-gpus, crash, mismatch, init-error:CODE, gpu-error:INDEX, garbage,
 *                     noise, unsupported (a GPU that has no UUID)
 * A MIG device is any UUID that starts with "MIG-"; its last digit is the index of its GPU.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUCCESS 0
#define INVALID_ARGUMENT 2
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define DRIVER_NOT_LOADED 9
#define GPU_IS_LOST 15
#define MISMATCH 18
#define MIG_BASE 1000

static const char *setting(const char *name, const char *otherwise) {
    const char *text = getenv(name);
    return text ? text : otherwise;
}

static const char *fault(void) { return setting("STUB_NVML_FAULT", ""); }

static int put(char *out, unsigned length, const char *text) {
    snprintf(out, length, "%s", text);
    return SUCCESS;
}

/* Copy a field (0 name, 1 capability, 2 UUID) of a GPU; return whether there is such a GPU. */
static int field(int index, int which, char *out, size_t size) {
    char all[4096];
    char *rest = all, *gpu = NULL, *part = NULL;
    snprintf(all, sizeof all, "%s", setting("STUB_NVML_GPUS", ""));
    for (int i = 0; i <= index; i++)
        gpu = strsep(&rest, ";");
    if (!gpu || !*gpu)
        return 0;
    for (int i = 0; i <= which; i++)
        part = strsep(&gpu, "|");
    snprintf(out, size, "%s", part ? part : "");
    return 1;
}

static int index_of(void *handle) {
    long number = (long)handle - 1;
    return (int)(number >= MIG_BASE ? number - MIG_BASE : number);
}

static void *handle_of(long index) { return (void *)(index + 1); }

static int is_lost(int index) {
    return !strncmp(fault(), "gpu-error:", 10) && atoi(fault() + 10) == index;
}

int nvmlInitWithFlags(unsigned flags) {
    const char *file = getenv("STUB_DEVICE");
    (void)flags;
    if (file && access(file, F_OK))
        return DRIVER_NOT_LOADED;
    if (!strcmp(fault(), "hang"))
        for (;;) pause();
    if (!strcmp(fault(), "crash"))
        abort();
    if (!strcmp(fault(), "noise")) {
        printf("{\"driver\": \"999.99\n{not json}\n");
        fflush(stdout);
    }
    if (!strcmp(fault(), "mismatch"))
        return MISMATCH;
    if (!strncmp(fault(), "init-error:", 11))
        return atoi(fault() + 11);
    return SUCCESS;
}

int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlInit(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int code) {
    switch (code) {
    case SUCCESS: return "The operation was successful";
    case NOT_SUPPORTED: return "Not Supported";
    case 4: return "Insufficient Permissions";
    case NOT_FOUND: return "Not Found";
    case DRIVER_NOT_LOADED: return "Driver Not Loaded";
    case GPU_IS_LOST: return "GPU is lost";
    case MISMATCH: return "Driver/library version mismatch";
    default: return "Unknown Error";
    }
}

int nvmlSystemGetDriverVersion(char *out, unsigned length) {
    int lies = !strcmp(fault(), "garbage");
    return put(out, length, lies ? "[N/A]" : setting("STUB_NVML_DRIVER", ""));
}

int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    *version = strcmp(fault(), "garbage") ? atoi(setting("STUB_NVML_CUDA", "0")) : 0;
    return SUCCESS;
}

int nvmlSystemGetCudaDriverVersion(int *version) {
    return nvmlSystemGetCudaDriverVersion_v2(version);
}

int nvmlDeviceGetCount_v2(unsigned *count) {
    char name[256];
    if (!strcmp(fault(), "hang-gpus"))
        for (;;) pause();
    for (*count = 0; field((int)*count, 0, name, sizeof name); ++*count) {}
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
    *handle = handle_of(index);
    return is_lost((int)index) ? GPU_IS_LOST : SUCCESS;
}

int nvmlDeviceGetName(void *handle, char *out, unsigned length) {
    char name[256];
    if (!strcmp(fault(), "garbage"))
        return put(out, length, "\xff\xfe");
    return field(index_of(handle), 0, name, sizeof name) ? put(out, length, name) : NOT_FOUND;
}

int nvmlDeviceGetUUID(void *handle, char *out, unsigned length) {
    char uuid[96];
    int index = index_of(handle);
    if (!strcmp(fault(), "unsupported"))
        return NOT_SUPPORTED;
    if (!field(index, 2, uuid, sizeof uuid))
        return NOT_FOUND;
    if (!*uuid)
        snprintf(uuid, sizeof uuid, "GPU-0000000%d-0000-0000-0000-000000000000", index);
    return put(out, length, uuid);
}

int nvmlDeviceGetCudaComputeCapability(void *handle, int *major, int *minor) {
    char text[32];
    *major = *minor = 9999;
    if (!strcmp(fault(), "garbage"))
        return SUCCESS;
    if (!field(index_of(handle), 1, text, sizeof text))
        return NOT_FOUND;
    return sscanf(text, "%d.%d", major, minor) == 2 ? SUCCESS : INVALID_ARGUMENT;
}

typedef struct { unsigned long long total, free, used; } memory_info;

int nvmlDeviceGetMemoryInfo(void *handle, memory_info *memory) {
    (void)handle;
    if (sscanf(setting("STUB_NVML_MEMORY", ""), "%llu,%llu", &memory->free, &memory->total) != 2)
        return NOT_SUPPORTED;
    memory->used = memory->total - memory->free;
    return SUCCESS;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, void **handle) {
    size_t length = strlen(uuid);
    if (strncmp(uuid, "MIG-", 4))
        return NOT_FOUND;
    *handle = handle_of(MIG_BASE + (uuid[length - 1] - '0'));
    return SUCCESS;
}

int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *mig, void **handle) {
    char name[256];
    *handle = handle_of(index_of(mig));
    return field(index_of(mig), 0, name, sizeof name) ? SUCCESS : NOT_FOUND;
}
