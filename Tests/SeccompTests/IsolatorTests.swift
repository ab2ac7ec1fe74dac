import Testing

@testable import Seccomp

@Suite struct IsolatorTests {
    @Test func removeEmptyIsTheDefault() throws {
        let byIsolator = try program(.remove, ["@appc.io/empty"])?.instructions
        let plain = SeccompRequest(capabilities: .appc, noNewPrivileges: true)
        #expect(try byIsolator == Seccomp.filter(for: plain, architecture: .x86)?.instructions)
    }

    @Test func retainAllIsNoFilter() throws {
        #expect(try program(.retain, ["@appc.io/all"]) == nil)
    }

    @Test func retainAllowsJustTheSet() throws {
        let program = try #require(try program(.retain, ["read", "socket"]))
        for name in ["read", "execve", "exit", "exit_group", "rt_sigreturn"] {
            #expect(program.answer(name) == .allow)
        }
        for name in ["write", "mount", "capset", "setresuid"] {
            #expect(program.answer(name) == .error(1))
        }
        #expect(program.answer("socket", 40) == .error(97))
        #expect(program.answer("clone3") == .error(38))
        #expect(program.warnings.isEmpty)
    }

    @Test func aFilterLoadedEarlyLetsStage1DropPrivileges() throws {
        let program = try #require(try program(.retain, ["read"], noNewPrivileges: false))
        for name in ["capset", "prctl", "setresuid", "setresgid", "setgroups"] {
            #expect(program.answer(name) == .allow)
        }
    }

    @Test func retainDefaultWhitelistAddsToTheProfile() throws {
        let program = try #require(
            try program(.retain, ["@docker/default-whitelist", "mount"])
        )
        #expect(program.answer("mount") == .allow)
        #expect(program.answer("umount2") == .error(1))
        #expect(program.answer("statx") == .allow)
        #expect(program.answer("clone", 0x1000_0011) == .error(1))
        #expect(program.answer("ioctl", 0, 0x5412) == .error(1))
    }

    @Test func removeAllowsTheRest() throws {
        let program = try #require(try program(.remove, ["@systemd/clock", "chmod"]))
        for name in ["adjtimex", "clock_settime", "chmod"] {
            #expect(program.answer(name) == .error(1))
        }
        #expect(program.answer("mount") == .allow)
        #expect(program.answer("clone", 0x1000_0011) == .error(1))
        #expect(program.answer("clone3") == .error(38))
    }

    @Test func removeDefaultBlacklistIsTheProfileAgain() throws {
        let program = try #require(try program(.remove, ["@rkt/default-blacklist"]))
        #expect(program.answer("mount") == .error(1))
        #expect(program.answer("keyctl") == .error(1))
        #expect(program.answer("read") == .allow)
        #expect(program.answer("ptrace") == .allow)
    }

    @Test func errnoIsHonoured() throws {
        let program = try #require(try program(.retain, ["read"], errno: "ENOSYS"))
        #expect(program.answer("write") == .error(38))
        #expect(program.answer("mount") == .error(38))
    }

    @Test func essentialCallsCannotBeRemoved() throws {
        let program = try #require(try program(.remove, ["execve"]))
        #expect(program.answer("execve") == .allow)
        #expect(program.warnings.count == 1)
    }

    /// Lists of 2016 name the calls of every architecture; that is no mistake of the image.
    @Test func namesOfOtherArchitecturesAreSkippedWithAWarning() throws {
        let program = try #require(try program(.retain, ["read", "_llseek", "mmap2"]))
        #expect(
            program.warnings == [
                "system call \"_llseek\" does not exist on this architecture, skipping",
                "system call \"mmap2\" does not exist on this architecture, skipping",
            ]
        )
    }

    @Test(arguments: ["@rkt/no-such", "@appc.io", "@", "@systemd/clocks"])
    func unknownSetIsAnError(name: String) {
        #expect(throws: SeccompError.unknownSet(name)) { try program(.remove, [name]) }
    }

    @Test func unknownErrorNameIsAnError() {
        #expect(throws: SeccompError.unknownErrorName("EFOO")) {
            try program(.retain, ["read"], errno: "EFOO")
        }
    }

    @Test(arguments: [
        "@systemd/clock", "@systemd/default-whitelist", "@systemd/mount", "@systemd/network-io",
        "@systemd/obsolete", "@systemd/privileged", "@systemd/process", "@systemd/raw-io",
    ])
    func listedSetsNameOnlyCallsWeKnow(name: String) throws {
        let set = try #require(NamedSet(name))
        guard case .listed(let text) = set else {
            Issue.record("not a list")
            return
        }
        let known = SystemCallNames(.x86)
        for call in text.description.split(whereSeparator: \.isWhitespace) {
            #expect(known[String(call)] != nil, "\(call)")
        }
    }

    private func program(
        _ mode: SeccompIsolator.Mode,
        _ set: [String],
        errno: String? = nil,
        noNewPrivileges: Bool = true
    ) throws -> SeccompProgram? {
        let request = SeccompRequest(
            isolator: SeccompIsolator(mode: mode, set: set, errno: errno),
            capabilities: .appc,
            noNewPrivileges: noNewPrivileges
        )
        return try Seccomp.filter(for: request, architecture: .x86)
    }
}
