import Foundation
import Testing

@testable import Seccomp

/// The kernel itself loads our program and answers as the filter says.
@Suite struct KernelTests {
    @Test func kernelAcceptsTheDefaultProgram() throws {
        let request = SeccompRequest(capabilities: .oci, noNewPrivileges: true)
        let program = try #require(try Seccomp.filter(for: request))
        let report = try Self.report(of: program)
        #expect(
            report == [
                "getppid 0",  // allowed
                "keyctl 1",  // EPERM
                "clone3 38",  // ENOSYS
                "number 999 38",
                "socket vsock 97",
                "socket inet 0",
                "netlink audit 22",
                "tiocsti 1",
                "tiocsti with high bits 1",
                "personality no-randomize 1",
                "clone newuser 1",
            ]
        )
    }

    /// Compiles a small program, feeds it the filter and returns the lines it prints.
    private static func report(of program: SeccompProgram) throws -> [String] {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("rkt-seccomp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let code = directory.appendingPathComponent("calls.c")
        let executable = directory.appendingPathComponent("calls")
        let filter = directory.appendingPathComponent("filter")
        try Data(source.utf8).write(to: code)
        let bytes = program.instructions.flatMap { one in
            (0..<8).map { UInt8(truncatingIfNeeded: one.word >> (8 * $0)) }
        }
        try Data(bytes).write(to: filter)
        _ = try run("/usr/bin/env", ["cc", "-o", executable.path, code.path])
        return try run(executable.path, [filter.path])
            .split(separator: "\n").map(String.init)
    }

    private static func run(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self)
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stdio.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static void show(const char *name, long result) {
            printf("%s %d\\n", name, result < 0 ? errno : 0);
        }
        int main(int count, char **arguments) {
            static struct sock_filter code[4096];
            int file = open(arguments[1], O_RDONLY);
            struct sock_fprog program = {.len = read(file, code, sizeof code) / 8, .filter = code};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return 1;
            if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return 2;
            show("getppid", syscall(SYS_getppid));
            show("keyctl", syscall(SYS_keyctl, 0, 0));
            show("clone3", syscall(SYS_clone3, 0, 0));
            show("number 999", syscall(999));
            show("socket vsock", syscall(SYS_socket, 40, 1, 0));
            show("socket inet", syscall(SYS_socket, 2, 1, 0));
            show("netlink audit", syscall(SYS_socket, 16, 3, 9));
            show("tiocsti", syscall(SYS_ioctl, 0, 0x5412, "x"));
            show("tiocsti with high bits", syscall(SYS_ioctl, 0, 0x100005412, "x"));
            show("personality no-randomize", syscall(SYS_personality, 0x40000));
            show("clone newuser", syscall(SYS_clone, 0x10000011, 0, 0, 0, 0));
        }
        """
}
