//! What the reader process gives up before it sees the first hostile byte.
//!
//! Linux: writing and reading anything but the roots (landlock), network and new programs (seccomp), more memory than
//! it may ever need (`RLIMIT_AS`), core dumps (they would hold documents). Elsewhere: the process boundary alone.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

/// What could be given up on this system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Given {
    /// File access is confined to the roots.
    pub files: bool,
    /// No network, no new programs.
    pub calls: bool,
    /// Memory is limited.
    pub memory: bool,
}

/// Address space of the reader: the shared part, and for each thread. Resident memory is bounded by the readers'
/// budgets at 300 MB for two threads; the limit stops what escapes them before the machine suffers. glibc reserves
/// 64 MiB of address space an arena without using it, stacks 16 MiB.
#[cfg(unix)]
const ADDRESS_SPACE: (u64, u64) = (1 << 30, 512 << 20);

/// Gives up what can be given up. Must run before threads start. Never fails: an older kernel keeps what it cannot lock.
#[must_use]
pub(super) fn enter(roots: &[OsString], jobs: usize) -> Given {
    Given { memory: limit_memory(jobs), files: confine_files(roots), calls: forbid_calls() }
}

#[cfg(unix)]
fn limit_memory(jobs: usize) -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    let space = ADDRESS_SPACE.0 + ADDRESS_SPACE.1 * jobs as u64;
    setrlimit(Resource::As, limit(space)).is_ok() && setrlimit(Resource::Core, limit(0)).is_ok()
}

#[cfg(not(unix))]
fn limit_memory(_jobs: usize) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn confine_files(roots: &[OsString]) -> bool {
    use landlock::{
        ABI, Access as _, AccessFs, PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
        RulesetStatus,
    };
    let abi = ABI::V3;
    let confine = || -> Result<RulesetStatus, landlock::RulesetError> {
        let mut ruleset = Ruleset::default().handle_access(AccessFs::from_all(abi))?.create()?;
        for root in roots {
            if let Ok(file) = PathFd::new(root) {
                ruleset = ruleset.add_rule(PathBeneath::new(file, AccessFs::from_read(abi)))?;
            }
        }
        Ok(ruleset.restrict_self()?.ruleset)
    };
    matches!(confine(), Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced))
}

#[cfg(not(target_os = "linux"))]
fn confine_files(_roots: &[OsString]) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn forbid_calls() -> bool {
    use seccompiler::{SeccompAction, SeccompFilter, TargetArch, apply_filter};
    let forbidden = [
        libc::SYS_socket,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_mount,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_io_uring_setup,
    ];
    let rules = forbidden.into_iter().map(|call| (call, Vec::new())).collect();
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else { return false };
    let refuse = SeccompAction::Errno(u32::try_from(libc::EPERM).unwrap_or(1));
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch);
    let program = filter.ok().and_then(|filter| seccompiler::BpfProgram::try_from(filter).ok());
    program.is_some_and(|program| apply_filter(&program).is_ok())
}

#[cfg(not(target_os = "linux"))]
fn forbid_calls() -> bool {
    false
}
