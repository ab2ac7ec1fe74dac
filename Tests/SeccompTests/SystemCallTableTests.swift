import Foundation
import Testing

@testable import Seccomp

@Suite struct SystemCallTableTests {
    @Test(arguments: Architecture.allCases)
    func everyNumberHasOneName(architecture: Architecture) {
        var names: [Int: String] = [:]
        for section in SystemCallTable.sections {
            section.forEachCall(on: architecture) { name, number in
                #expect(names[number] == nil, "\(name) and \(names[number] ?? "")")
                names[number] = name
            }
        }
        #expect(names.keys.max() == 469)
    }

    @Test(arguments: [
        ("read", 0, 63), ("openat2", 437, 437), ("futex_waitv", 449, 449), ("statmount", 457, 457),
        ("mseal", 462, 462), ("file_setattr", 469, 469), ("renameat", 264, 38),
        ("newfstatat", 262, 79), ("fcntl", 72, 25), ("execve", 59, 221), ("clone3", 435, 435),
    ])
    func numbersOfBothArchitectures(name: String, x86: Int, arm64: Int) {
        #expect(SystemCallNames(.x86)[name] == x86)
        #expect(SystemCallNames(.arm64)[name] == arm64)
    }

    @Test func callsWithoutANumberAreAbsent() {
        #expect(SystemCallNames(.arm64)["open"] == nil)
        #expect(SystemCallNames(.x86)["open"] == 2)
        #expect(SystemCallNames(.x86)["uretprobe"] == 335)
    }

    /// The headers of the machine that runs the test are an independent witness.
    @Test func tableAgreesWithTheInstalledHeaders() throws {
        let path = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
        let known = SystemCallNames(.x86)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[1].hasPrefix("__NR_"), let number = Int(words[2]) else {
                continue
            }
            #expect(known[String(words[1].dropFirst(5))] == number, "\(line)")
        }
    }
}
