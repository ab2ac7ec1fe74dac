import Stage1ABI
import Testing

@Suite struct PlanEncodingTests {
    private let descriptors = PodPlan.Descriptors(lock: 3, podDirectory: 4, program: 5)

    /// Reads the records' kinds and payload lengths back.
    private func kinds(_ bytes: [UInt8]) -> [(kind: Int, length: Int)] {
        var result: [(Int, Int)] = []
        var at = 0
        while at + 8 <= bytes.count {
            let kind = Int(bytes[at]) | Int(bytes[at + 1]) << 8
            let length = (0..<4).reduce(0) { $0 | Int(bytes[at + 4 + $1]) << (8 * $1) }
            result.append((kind, length))
            at += 8 + length
        }
        return result
    }

    @Test func aHostnameStepIsOneRecord() {
        var plan = PodPlan(uuid: "u", namespaces: 0, descriptors: descriptors)
        plan.steps = [.hostname("pod")]
        let bytes = plan.encoded()
        #expect(kinds(bytes).map(\.kind) == [1, 18, 0])
        let record: [UInt8] = [18, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 0x70, 0x6F, 0x64, 0]
        #expect(Array(bytes.suffix(8 + record.count).prefix(record.count)) == record)
    }

    /// What the kernel would not read must not reach stage1 either.
    @Test func aStringEndsAtItsFirstNUL() {
        var plan = PodPlan(uuid: "u", namespaces: 0, descriptors: descriptors)
        plan.steps = [.hostname("pod\0hidden")]
        let cut = plan.encoded()
        plan.steps = [.hostname("pod")]
        #expect(cut == plan.encoded())
    }

    @Test func recordsAddUpToThePlan() {
        var plan = PodPlan(uuid: "u", namespaces: 0, descriptors: descriptors)
        plan.cgroupDirectories = ["/a", "/b"]
        plan.steps = [.loopback, .joinCgroup(hostFile: "/tasks")]
        var process = ProcessPlan(
            arguments: ["/bin/true", ""],
            environment: ["A=b"],
            boundingSet: .max,
            effectiveSet: 0,
            noNewPrivileges: true
        )
        process.seccomp = [UInt8](repeating: 1, count: 800)
        plan.apps = [
            AppPlan(
                name: "app",
                steps: [
                    .mount(
                        type: "proc",
                        target: "/proc",
                        attributes: [.noSetID],
                        options: [MountOption("hidepid", "2"), MountOption("ro")]
                    ), .mask(path: "/proc/kcore"), .enterRoot(attributes: []),
                ],
                process: process
            )
        ]
        let bytes = plan.encoded()
        let records = kinds(bytes)
        #expect(records.map(\.kind) == [1, 2, 2, 19, 16, 3, 0])
        #expect(records.reduce(0) { $0 + 8 + $1.length } == bytes.count)
    }

    @Test func anEnterPlanBeginsWithItsOwnRecord() {
        let process = ProcessPlan(
            arguments: ["sh"],
            environment: [],
            boundingSet: 0,
            effectiveSet: 0,
            noNewPrivileges: true
        )
        let plan = EnterPlan(
            process: 7,
            namespaces: 0x2000_0000,
            hasTerminal: false,
            steps: [.joinCgroup(hostFile: "/x")],
            program: process
        )
        #expect(kinds(plan.encoded()).map(\.kind) == [64, 16, 51, 0])
    }
}
