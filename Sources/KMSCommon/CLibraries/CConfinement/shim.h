// What the kernel offers to a process that gives up rights: Landlock (landlock(7)), seccomp (seccomp(2)), prctl(2).
//
// syscall(2) and prctl(2) are variadic, which Swift can't call. The structures of Landlock stand here and not in
// linux/landlock.h of the machine that builds, which may be older than the kernel that runs.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...); // glibc declares it for _DEFAULT_SOURCE only

// struct landlock_ruleset_attr of ABI 6; older kernels take the first 8 or 16 bytes.
typedef struct kms_ruleset {
  uint64_t files, connections, scopes;
} kms_ruleset;

// struct landlock_path_beneath_attr, which the kernel reads as 12 bytes.
typedef struct __attribute__((packed)) kms_path_rule {
  uint64_t rights;
  int32_t parent;
} kms_path_rule;

// struct landlock_net_port_attr.
typedef struct kms_port_rule {
  uint64_t rights, port;
} kms_port_rule;

// The numbers of Landlock's calls are those of all architectures.
static inline int kms_landlock_abi(void) { return (int)syscall(444, NULL, 0L, 1L); }
static inline int kms_landlock_create(const kms_ruleset *_Nonnull ruleset, size_t size) {
  return (int)syscall(444, ruleset, size, 0L);
}
static inline int kms_landlock_add_path(int ruleset, const kms_path_rule *_Nonnull rule) {
  return (int)syscall(445, ruleset, 1L, rule, 0L);
}
static inline int kms_landlock_add_port(int ruleset, const kms_port_rule *_Nonnull rule) {
  return (int)syscall(445, ruleset, 2L, rule, 0L);
}
static inline int kms_landlock_restrict(int ruleset) { return (int)syscall(446, ruleset, 0L); }

// With O_PATH and O_CLOEXEC: names a place without the right to read there. (Not fcntl.h: Swift would take its types from here.)
static inline int kms_open_place(const char *_Nonnull path) {
  return (int)syscall(SYS_openat, -100L /* AT_FDCWD */, path, 012000000L);
}

/// How many processors the calling thread may use, at most 8192 of them; 1 where that is not known.
static inline int kms_processors(void) {
  unsigned long mask[8192 / (8 * sizeof(unsigned long))] = {0};
  if (syscall(SYS_sched_getaffinity, 0L, (long)sizeof mask, mask) <= 0) return 1;
  int count = 0;
  for (unsigned i = 0; i < sizeof mask / sizeof *mask; i++) count += __builtin_popcountl(mask[i]);
  return count;
}
static inline int kms_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L); }
// PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN (Linux 6.3): what was writable never becomes executable.
static inline int kms_no_new_code(void) { return prctl(65, 1L, 0L, 0L, 0L); }
static inline int kms_filter_calls(const struct sock_filter *_Nonnull filter, unsigned short count) {
  struct sock_fprog program = {count, (struct sock_filter *)filter};
  return prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER, &program, 0L, 0L);
}

// The architecture that a filter is for; 0 where none was tried.
static inline uint32_t kms_architecture(void) {
#if defined(__x86_64__)
  return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
  return AUDIT_ARCH_AARCH64;
#else
  return 0;
#endif
}

// Calls with which a process reaches into others, gets new rights, starts programs, or goes around a filter.
static inline const int32_t *_Nonnull kms_forbidden_calls(int32_t *_Nonnull count) {
  static const int32_t calls[] = {
      SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
      434 /* pidfd_open */, 438 /* pidfd_getfd */, 440 /* process_madvise */, 448 /* process_mrelease */,
      425 /* io_uring_setup */, 426 /* io_uring_enter */, 427 /* io_uring_register */,
      SYS_perf_event_open, SYS_bpf, SYS_userfaultfd,
      SYS_add_key, SYS_request_key, SYS_keyctl,
      SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns,
      428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */, 431, 432, 433 /* fsconfig, fsmount, fspick */,
      442 /* mount_setattr */, SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_fanotify_init,
      SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff,
      SYS_acct, SYS_quotactl, SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
      SYS_personality, SYS_syslog, SYS_vhangup, SYS_migrate_pages, SYS_move_pages, SYS_mbind, SYS_set_mempolicy,
      SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_setfsuid,
      SYS_setfsgid, SYS_capset,
#ifdef SYS_kexec_file_load
      SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
      SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat, SYS_sysfs,
#endif
  };
  *count = sizeof calls / sizeof *calls;
  return calls;
}

// Calls that start a process or a program.
static inline const int32_t *_Nonnull kms_starting_calls(int32_t *_Nonnull count) {
  static const int32_t calls[] = {
      SYS_execve, SYS_execveat,
#ifdef SYS_fork
      SYS_fork, SYS_vfork,
#endif
  };
  *count = sizeof calls / sizeof *calls;
  return calls;
}

// Everything that a program needs which computes, works on files, and speaks over descriptors that it was given.
// What is not in a kernel's or a C library's vocabulary fails with ENOSYS, for which C libraries have another way.
static inline const int32_t *_Nonnull kms_signer_calls(int32_t *_Nonnull count) {
  static const int32_t calls[] = {
      // memory
      SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mlock, SYS_mlock2, SYS_munlock, SYS_msync,
      SYS_mincore, SYS_membarrier,
      // descriptors
      SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_preadv2,
      SYS_pwritev2, SYS_lseek, SYS_close, 436 /* close_range */, SYS_dup, SYS_dup3, SYS_pipe2, SYS_fcntl, SYS_flock,
      SYS_ppoll, SYS_pselect6, SYS_eventfd2, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_copy_file_range,
      // files
      SYS_openat, 437 /* openat2 */, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_faccessat, 439 /* faccessat2 */,
      SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_statfs, SYS_fstatfs, SYS_ftruncate, SYS_truncate, SYS_fallocate,
      SYS_fadvise64, SYS_fsync, SYS_fdatasync, SYS_sync_file_range, SYS_syncfs, SYS_unlinkat, SYS_linkat, SYS_renameat,
      SYS_renameat2, SYS_mkdirat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_umask, SYS_utimensat,
      // threads, time, signals
      SYS_exit, SYS_exit_group, SYS_set_tid_address, SYS_set_robust_list, SYS_get_robust_list, SYS_futex,
      449 /* futex_waitv */, SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity,
      SYS_sched_getparam, SYS_sched_getscheduler,
      SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres,
      SYS_gettimeofday, SYS_times, SYS_getrusage, SYS_setitimer, SYS_timer_create, SYS_timer_settime, SYS_timer_delete,
      SYS_restart_syscall, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_rt_sigpending,
      SYS_rt_sigtimedwait, SYS_sigaltstack, SYS_kill, SYS_tkill, SYS_tgkill, SYS_wait4, SYS_waitid,
      // who and where
      SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgid, SYS_getsid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
      SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_capget, SYS_getrlimit, SYS_setrlimit, SYS_prlimit64, SYS_sysinfo,
      SYS_uname, SYS_getcpu, SYS_getrandom, SYS_prctl, SYS_seccomp, 444, 445, 446 /* Landlock */,
      // the socket of the key holder, and pairs
      SYS_sendmsg, SYS_recvmsg, SYS_sendto, SYS_recvfrom, SYS_setsockopt, SYS_getsockopt, SYS_shutdown, SYS_getsockname,
#ifdef SYS_open
      SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_unlink, SYS_link, SYS_rename, SYS_mkdir, SYS_rmdir,
      SYS_chmod, SYS_dup2, SYS_pipe, SYS_poll, SYS_select, SYS_epoll_wait, SYS_epoll_create, SYS_eventfd, SYS_arch_prctl,
      SYS_getpgrp, SYS_time, SYS_alarm, SYS_creat,
#endif
  };
  *count = sizeof calls / sizeof *calls;
  return calls;
}
