#!/bin/sh
# Run a command in a view of the machine that has no device files, as in a container that was started
# without its GPU: `unshare -rm sh without_devices.sh EMPTY_FOLDER COMMAND…`. Exit status 77 where
# this is not allowed.
real=$1
shift
{
    mount --rbind /dev "$real" && mount -t tmpfs tmpfs /dev &&
        mkdir /dev/shm && ln -s /proc/self/fd /dev/fd &&
        for name in null zero random urandom; do
            : >"/dev/$name" && mount --bind "$real/$name" "/dev/$name" || exit 77
        done
} || exit 77
exec "$@"
