import Testing

@testable import Seccomp

@Suite struct FilterTests {
    /// Argument values around every edge a rule can have.
    private static let corners: [[UInt64]] = {
        let values: [UInt64] = [
            0, 1, 2, 8, 9, 10, 16, 17, 38, 40, 0x5412, 0x541C, 0x1_0000_5412, 0x2_0000, 0x2_0008,
            0x7E02_0000, 0x1000_0000, 0x0001_0F00, 0xFFFF_FFFF, 0x1_0000_0001, .max,
        ]
        return values.flatMap { first in values.map { [first, $0, $0, 0, 0, 0] } }
    }()

    @Test(arguments: Architecture.allCases, [CapabilitySet.appc, .oci, .all])
    func programMeansWhatTheFilterSays(architecture: Architecture, capabilities: CapabilitySet) {
        for strict in [false, true] {
            let profile = Profile.default(capabilities: capabilities, strict: strict)
            expectAgreement(profile.filter(architecture: architecture))
        }
    }

    @Test func everySecondNumberNeedsJumpsBeyond255() {
        var filter = Filter(architecture: .x86, unknown: .notImplemented)
        let rules = [
            Rule.allow, .notPermitted, .executionDomains, .threadsAndProcesses,
            .addressFamilies(rawSockets: true, audit: false), .error(5), .noTerminalInput,
        ].map { filter.define($0) }
        for number in 0..<600 { filter.assign(rules[number % rules.count], to: number) }
        #expect(filter.program().count > 255)
        expectAgreement(filter)
    }

    @Test func sixtyFourBitComparisonSeesBothHalves() {
        var filter = Filter(architecture: .arm64, unknown: .notPermitted)
        let both = Comparison(argument: 5, value: 0x1_0000_0002)
        let rule = Rule([.init(.allow, when: [both, .int(4, 7)])], otherwise: .error(99))
        filter.assign(filter.define(rule), to: 3)
        func answer(_ fourth: UInt64, _ fifth: UInt64) -> UInt32? {
            interpret(
                filter.program(),
                number: 3,
                architecture: Architecture.arm64.auditNumber,
                arguments: [0, 0, 0, 0, fourth, fifth]
            )
        }
        #expect(answer(7, 0x1_0000_0002) == Action.allow.returnValue)
        #expect(answer(0x5_0000_0007, 0x1_0000_0002) == Action.allow.returnValue)
        #expect(answer(7, 2) == Action.error(99).returnValue)
        #expect(answer(7, 0x1_0000_0000) == Action.error(99).returnValue)
        #expect(answer(8, 0x1_0000_0002) == Action.error(99).returnValue)
    }

    @Test func foreignArchitecturesAndNumbersAreAbsent() {
        let program = Profile.default(capabilities: .all, strict: false)
            .filter(architecture: .x86).program()
        let absent = Action.notImplemented.returnValue
        let native = Architecture.x86.auditNumber
        let i386: UInt32 = 0x4000_0003
        for number: UInt32 in 0...600 {
            #expect(interpret(program, number: number, architecture: i386) == absent)
            let x32 = number | 0x4000_0000
            #expect(interpret(program, number: x32, architecture: native) == absent)
        }
        for number: UInt32 in [470, 512, 547, 0x7FFF_FFFF, .max] {
            #expect(interpret(program, number: number, architecture: native) == absent)
        }
    }

    @Test func defaultProgramIsShort() {
        let program = Profile.default(capabilities: .oci, strict: false).filter().program()
        #expect(program.count < 250)
    }

    private func expectAgreement(_ filter: Filter) {
        let program = filter.program()
        var wrong: [(Int, [UInt64])] = []
        for number in 0...610 {
            let rule = filter.rule(of: number)
            for arguments in rule.cases.isEmpty ? [[0, 0, 0, 0, 0, 0]] : Self.corners {
                let answer = interpret(
                    program,
                    number: UInt32(number),
                    architecture: filter.architecture.auditNumber,
                    arguments: arguments
                )
                if answer != rule.action(arguments).returnValue {
                    wrong.append((number, arguments))
                }
            }
        }
        #expect(wrong.isEmpty)
    }
}
