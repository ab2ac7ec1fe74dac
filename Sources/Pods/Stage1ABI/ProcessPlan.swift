internal import CStage1Plan

/// What becomes of a process once its root stands: who it is, what it may, what it executes.
package struct ProcessPlan: Equatable, Sendable {
    /// The program and its arguments; a bare name is looked up in the environment's `PATH`, inside the root.
    package var arguments: [String]
    /// `NAME=value` each.
    package var environment: [String]
    package var workingDirectory: String
    /// A missing working directory is made (OCI images), else it is an error (appc).
    package var makesWorkingDirectory = false
    /// A decimal id, a name from the image's passwd file, or an absolute path whose owner it is.
    package var user: String
    /// Likewise for the group; empty means the user's own group of the image's passwd file, else 0.
    package var group: String
    package var supplementaryGroups: [UInt32] = []
    /// With no supplementary groups given, those of the image's group file that name the user.
    package var takesGroupsOfUser = false
    /// The user namespace doesn't let anybody set supplementary groups (`/proc/self/setgroups`).
    package var keepsGroups = false
    /// Capabilities that can ever be had, one bit each by the kernel's number.
    package var boundingSet: UInt64
    /// Capabilities that a process of user 0 has.
    package var effectiveSet: UInt64
    package var noNewPrivileges: Bool
    /// The seccomp program, 8 bytes an instruction; empty: no filter.
    package var seccomp: [UInt8] = []
    /// The AppArmor profile that the program runs under; empty: none is asked for.
    package var label = ""

    /// A process that runs as its user in a directory.
    package init(
        arguments: [String],
        environment: [String],
        workingDirectory: String = "/",
        user: String = "0",
        group: String = "0",
        boundingSet: UInt64,
        effectiveSet: UInt64,
        noNewPrivileges: Bool
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.group = group
        self.boundingSet = boundingSet
        self.effectiveSet = effectiveSet
        self.noNewPrivileges = noNewPrivileges
    }

    func write(to writer: inout PlanWriter) {
        var flags: UInt32 = 0
        if noNewPrivileges { flags |= plan_process_no_new_privileges.rawValue }
        if makesWorkingDirectory { flags |= plan_process_make_working_directory.rawValue }
        if takesGroupsOfUser { flags |= plan_process_groups_of_user.rawValue }
        if keepsGroups { flags |= plan_process_keep_groups.rawValue }
        if group.isEmpty { flags |= plan_process_primary_group.rawValue }
        writer.record(plan_process) {
            $0.strings(arguments)
            $0.strings(environment)
            $0.string(workingDirectory)
            $0.integer(flags)
            $0.string(user)
            $0.string(group)
            $0.integer(supplementaryGroups.count)
            for group in supplementaryGroups { $0.integer(group) }
            $0.integer(boundingSet)
            $0.integer(effectiveSet)
            $0.data(seccomp)
            $0.string(label)
        }
    }
}
