/* A libcuda.so.1 without a driver. Configured by the environment:
 *   STUB_CUDA_VERSION  12020
 *   STUB_CUDA_GPUS     name|capability[|uuid];... in CUDA's order (default: STUB_NVML_GPUS)
 *   STUB_CUDA_FAULT    hang, crash, init-error:CODE, garbage; hang-early, crash-early and
 *                      version-error:CODE do so before the version is told
 * Like the real one it shows only the GPUs of CUDA_VISIBLE_DEVICES: none when that is empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUCCESS 0
#define NOT_INITIALIZED 3
#define NO_DEVICE 100
#define MAJOR 75

static int ready = 0;

static const char *fault(void) {
    const char *text = getenv("STUB_CUDA_FAULT");
    return text ? text : "";
}

static int field(int index, int which, char *out, size_t size) {
    char all[4096];
    char *rest = all, *gpu = NULL, *part = NULL;
    const char *text = getenv("STUB_CUDA_GPUS");
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    if (!text)
        text = getenv("STUB_NVML_GPUS");
    snprintf(all, sizeof all, "%s", text && !(visible && !*visible) ? text : "");
    for (int i = 0; i <= index; i++)
        gpu = strsep(&rest, ";");
    if (!gpu || !*gpu)
        return 0;
    for (int i = 0; i <= which; i++)
        part = strsep(&gpu, "|");
    snprintf(out, size, "%s", part ? part : "");
    return 1;
}

int cuInit(unsigned flags) {
    char name[256];
    (void)flags;
    if (!strcmp(fault(), "hang"))
        for (;;) pause();
    if (!strcmp(fault(), "crash"))
        abort();
    if (!strncmp(fault(), "init-error:", 11))
        return atoi(fault() + 11);
    ready = 1;
    return field(0, 0, name, sizeof name) ? SUCCESS : NO_DEVICE;
}

int cuDriverGetVersion(int *version) {
    const char *text = getenv("STUB_CUDA_VERSION");
    if (!strcmp(fault(), "hang-early"))
        for (;;) pause();
    if (!strcmp(fault(), "crash-early"))
        abort();
    if (!strncmp(fault(), "version-error:", 14))
        return atoi(fault() + 14);
    *version = text && strcmp(fault(), "garbage") ? atoi(text) : 0;
    return SUCCESS;
}

int cuGetErrorString(int error, const char **text) {
    *text = error == NO_DEVICE ? "no CUDA-capable device is detected" : "unknown error";
    return SUCCESS;
}

int cuDeviceGetCount(int *count) {
    char name[256];
    if (!ready)
        return NOT_INITIALIZED;
    for (*count = 0; field(*count, 0, name, sizeof name); ++*count) {}
    return SUCCESS;
}

int cuDeviceGet(int *device, int index) {
    *device = index;
    return SUCCESS;
}

int cuDeviceGetName(char *out, int length, int device) {
    char name[256];
    if (!strcmp(fault(), "garbage") || !field(device, 0, name, sizeof name))
        name[0] = 0;
    snprintf(out, (size_t)length, "%s", name);
    return SUCCESS;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
    char text[32];
    int major = 0, minor = 0;
    if (strcmp(fault(), "garbage") && field(device, 1, text, sizeof text))
        sscanf(text, "%d.%d", &major, &minor);
    *value = attribute == MAJOR ? major : minor;
    return SUCCESS;
}

/* The UUID given, read as hexadecimal; by default the one that the NVML stub makes up. */
int cuDeviceGetUuid(unsigned char *out, int device) {
    char uuid[96];
    const char *digit = uuid;
    memset(out, 0, 16);
    if (!field(device, 2, uuid, sizeof uuid))
        return 1;
    out[3] = (unsigned char)device;
    if (!*uuid)
        return SUCCESS;
    digit += 4;
    for (int i = 0; i < 16 && *digit; i++, digit += 2) {
        unsigned byte = 0;
        digit += *digit == '-';
        sscanf(digit, "%2x", &byte);
        out[i] = (unsigned char)byte;
    }
    return SUCCESS;
}
