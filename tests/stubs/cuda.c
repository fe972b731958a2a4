/* A libcuda.so.1 without a driver. Configured by the environment:
 *   STUB_CUDA_VERSION  12020
 *   STUB_CUDA_GPUS     name|capability[|uuid];... in CUDA's order (default: STUB_NVML_GPUS)
 *   STUB_CUDA_FAULT    hang, crash, init-error:CODE, garbage; hang-early, crash-early and
 *                      version-error:CODE do so before the version is told
 *   STUB_DEVICE        a file without which no GPU is found
 * Like the real one it shows only the GPUs of CUDA_VISIBLE_DEVICES: by index, by the beginning of a
 * UUID, by the last digit of a MIG device, up to the first entry that names none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

/* Copy a field of the GPU at a place among all of them; return whether there is one. */
static int field_at(int place, int which, char *out, size_t size) {
    char all[4096];
    char *rest = all, *gpu = NULL, *part = NULL;
    const char *text = getenv("STUB_CUDA_GPUS");
    if (!text)
        text = getenv("STUB_NVML_GPUS");
    snprintf(all, sizeof all, "%s", text ? text : "");
    for (int i = 0; place >= 0 && i <= place; i++)
        gpu = strsep(&rest, ";");
    if (!gpu || !*gpu)
        return 0;
    for (int i = 0; i <= which; i++)
        part = strsep(&gpu, "|");
    snprintf(out, size, "%s", part ? part : "");
    return 1;
}

/* The UUID given, by default the one that the NVML stub makes up. */
static int uuid_at(int place, char *out, size_t size) {
    if (!field_at(place, 2, out, size))
        return 0;
    if (!*out)
        snprintf(out, size, "GPU-0000000%d-0000-0000-0000-000000000000", place);
    return 1;
}

/* The place of the GPU that an entry of CUDA_VISIBLE_DEVICES names; -1 where it names none. */
static int place_of(const char *entry) {
    char uuid[96], *end;
    size_t length = strlen(entry);
    long number = strtol(entry, &end, 10);
    if (!strncmp(entry, "MIG-GPU-", 8)) {
        entry += 4;
        length = strcspn(entry, "/");
    } else if (!strncmp(entry, "MIG-", 4)) {
        number = entry[length - 1] - '0';
        end = (char *)entry + length;
    }
    for (int i = 0; !strncmp(entry, "GPU-", 4) && uuid_at(i, uuid, sizeof uuid); i++)
        if (!strncasecmp(uuid, entry, length))
            return i;
    return end == entry || *end || !uuid_at((int)number, uuid, sizeof uuid) ? -1 : (int)number;
}

/* The place of a visible GPU; -1 where there are not so many. */
static int place_of_device(int device) {
    char all[1024];
    char *rest = all, *entry;
    int place = device;
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    if (!visible)
        return device;
    snprintf(all, sizeof all, "%s", visible);
    for (int i = 0; i <= device; i++) {
        entry = strsep(&rest, ",");
        place = entry ? place_of(entry) : -1;
        if (place < 0)
            return -1;
    }
    return place;
}

static int field(int device, int which, char *out, size_t size) {
    return field_at(place_of_device(device), which, out, size);
}

int cuInit(unsigned flags) {
    char name[256];
    const char *file = getenv("STUB_DEVICE");
    (void)flags;
    if (file && access(file, F_OK))
        return NO_DEVICE;
    if (!strcmp(fault(), "hang"))
        for (;;) pause();
    if (!strcmp(fault(), "crash"))
        abort();
    if (!strncmp(fault(), "init-error:", 11))
        return atoi(fault() + 11);
    ready = field(0, 0, name, sizeof name);
    return ready ? SUCCESS : NO_DEVICE;
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

int cuDeviceGetUuid(unsigned char *out, int device) {
    char uuid[96];
    const char *digit = uuid + 4;
    memset(out, 0, 16);
    if (!uuid_at(place_of_device(device), uuid, sizeof uuid))
        return 1;
    for (int i = 0; i < 16 && *digit; i++, digit += 2) {
        unsigned byte = 0;
        digit += *digit == '-';
        sscanf(digit, "%2x", &byte);
        out[i] = (unsigned char)byte;
    }
    return SUCCESS;
}
