// The plan that stage0 hands to stage1: what is decided, ready to be carried out.
//
// A plan is a sequence of records: u16 kind, u16 zero, u32 length of the payload, payload.
// In a payload an integer is 8 bytes little-endian, a string is u32 length, its bytes and a NUL that isn't counted,
// and a list is an integer count followed by its elements. Nothing is aligned.
// Both sides are built together: the version only tells a stage1 of another build apart.
#pragma once

#include <stdint.h>

#define PLAN_VERSION 2

enum {
    plan_magic = 0x504B5431,  // "1TKP"
    plan_version = PLAN_VERSION,
};

#define PLAN_TEXT_OF(number) #number
#define PLAN_TEXT(number) PLAN_TEXT_OF(number)

// What a stage1 has in its program, so that a rkt can tell whether it reads this plan. Nobody else may call this.
static inline const char *plan_mark(void) {
    return "rkt stage1 for plans of version " PLAN_TEXT(PLAN_VERSION);
}

// What each record holds, in order. Paths "in the root" are resolved with openat2(RESOLVE_IN_ROOT).
enum plan_kind {
    plan_end = 0,

    // -- for the supervisor
    plan_pod = 1,           // magic, version, uuid, flags (plan_pod_flag), namespaces, grace ms, log bytes, log files,
                            // fds: lock, pod directory, program of PID 1, cgroup to start in (or -1),
                            // socket of the service manager (or -1), network namespaces of the pod and the host (or -1)
    plan_remove_cgroup = 2, // directory
    plan_app = 3,           // name, flags (plan_app_flag), stop signal, then nested records up to the payload's end

    // -- for the supervisor, when the pod has ended
    plan_end_remove = 4,       // file
    plan_end_strike = 5,       // directory, text, offset, row's length
    plan_end_filter = 6,       // nf_tables messages, as a string
    plan_end_filter_last = 7,  // the same, done by the last pod on the host's network namespace
    plan_end_execute = 8,      // program, arguments

    // -- steps, for PID 1 (before the first plan_app) or for an app (nested)
    plan_join_cgroup = 16,  // file to write "0" to
    plan_unshare = 17,      // namespaces
    plan_hostname = 18,     // name
    plan_loopback = 19,     //
    plan_write = 20,        // host path, text, 1: failing is fine
    plan_overlay = 21,      // target directory (host), mount attributes, upper ("" none), work, list of lowers from the top down
    plan_bind_root = 22,    // target directory (host), source directory (host), mount attributes
    plan_mount = 23,        // type, target in the root, mode of a missing target, attributes, 1: absence of the type is fine,
                            // list of (key, value); an empty value is a flag
    plan_bind = 24,         // source (host path), target in the root, attributes, plan_bind_flag
    plan_bind_inside = 25,  // source in the root, target in the root, attributes, plan_bind_flag
    plan_directory = 26,    // path in the root, mode
    plan_symlink = 27,      // target text, path in the root, plan_symlink_flag
    plan_node = 28,         // path in the root, mode with type, major, minor
    plan_mask = 29,         // path in the root: emptied if there
    plan_read_only = 30,    // path in the root: read-only if there
    plan_enter_root = 31,   // attributes the whole root gets: pivot_root and let the host go
    plan_copy_up = 32,      // directory in the root, destination directory (host)
    plan_mount_host = 33,   // type, target (host path), attributes, list of (key, value)
    plan_console = 34,      // a terminal of the app's own devpts becomes its console

    // -- what becomes of the process
    plan_keyring = 48,      //
    plan_limit = 49,        // resource, soft, hard
    plan_oom_score = 50,    // adjustment as text
    plan_process = 51,      // arguments, environment, working directory, plan_process_flag, user, group,
                            // list of supplementary gids, bounding set, effective set, BPF program (8 bytes each, as a string),
                            // AppArmor profile ("" none)
    plan_pre_start = 52,    // arguments
    plan_post_stop = 53,    // arguments

    // -- for enter
    plan_enter = 64,        // magic, version, pidfd, namespaces, 1: on a terminal
};

enum plan_pod_flag {
    plan_pod_interactive = 1,  // the app's terminal is proxied to rkt's own
    plan_pod_prefix = 2,       // lines on stdout and stderr carry the app's name
};

enum plan_app_flag {
    plan_app_terminal = 1,
    plan_app_handlers = 2,
};

enum plan_bind_flag {
    plan_bind_recursive = 1,
    plan_bind_file = 2,      // a missing target is made as a file, else as a directory
    plan_bind_optional = 4,  // an absent source or target is fine; nothing is made
    plan_bind_last_name = 8, // the target's last component must not be a symbolic link (/etc/hosts …)
    plan_bind_if_absent = 16, // what is there already stays
    plan_bind_unless_read_only = 32, // a missing target on a read-only file system is fine
};

enum plan_symlink_flag {
    plan_symlink_if_absent = 1,  // what is there stays
};

enum plan_process_flag {
    plan_process_no_new_privileges = 1,
    plan_process_make_working_directory = 2,
    plan_process_groups_of_user = 4,  // supplementary groups from the image's group file when the list is empty
    plan_process_primary_group = 8,   // an empty group is the user's own from the passwd file, else 0
    plan_process_keep_groups = 16,    // the user namespace doesn't let anybody set supplementary groups
};
