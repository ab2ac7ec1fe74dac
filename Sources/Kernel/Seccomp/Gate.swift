/// What decides whether an app may make a system call.
enum Gate: Equatable, Sendable {
    /// Harmless inside a pod.
    case allowed
    /// Allowed unless it makes namespaces.
    case clone
    /// Its flags are behind a pointer, which a filter can't follow: absent, so that libc uses clone.
    case clone3
    /// Allowed except for the requests that type into the operator's terminal.
    case ioctl
    /// Allowed for the execution domains that don't weaken address randomisation.
    case personality
    /// Allowed for the address families a pod can have.
    case socket
    /// Lets debuggers work inside a pod; the strict profile wants CAP_SYS_PTRACE.
    case tracing
    /// Mounts by descriptor: absent where a security label forbids mounting, as kernels before 6.7 ask
    /// no label about them, so that programs use mount(2); else behind CAP_SYS_ADMIN.
    case mountDescriptors
    /// Allowed to an app that holds one of these.
    case capability(anyOf: CapabilitySet)
    /// The kernel itself has it no more, or nothing needs it yet.
    case unimplemented
    /// Dangerous, and no capability of a pod makes it otherwise.
    case refused

    static func capability(_ one: Capability) -> Gate {
        .capability(anyOf: CapabilitySet(rawValue: one.bit))
    }

    static func capability(_ one: Capability, or other: Capability) -> Gate {
        .capability(anyOf: CapabilitySet(rawValue: one.bit | other.bit))
    }
}
