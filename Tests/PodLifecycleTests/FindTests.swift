import PodLifecycle
import TestSupport
import Testing

@Suite struct FindTests {
    let pods: Pods

    init() throws {
        pods = try Pods()
        for name in ["aaaa", "aabb"] {
            try pods.scratch.makeDirectory(
                "data/pods/run/\(name)0000-0000-4000-8000-000000000000"
            )
        }
        try pods.scratch.makeDirectory("data/pods/garbage/ffff0000-0000-4000-8000-000000000000")
        try pods.scratch.makeDirectory("data/pods/run/no-pod")
    }

    @Test(arguments: ["aaaa", "AAAA0", "f", "ffff0000-0000-4000-8000-000000000000"])
    func aUniquePrefixIsEnough(_ prefix: String) throws {
        #expect(try pods.directory.find(prefix).matches(prefix: prefix))
    }

    @Test(arguments: [
        ("", PodError.emptyUUID, "UUID cannot be empty"),
        ("aa", .ambiguous("aa", matches: 2), "ambiguous uuid, 2 matches"),
        ("b", .notFound("b"), "no matches found for \"b\""),
        ("no-pod", .notFound("no-pod"), "no matches found for \"no-pod\""),
        ("../run", .notFound("../run"), "no matches found for \"../run\""),
        ("\u{1B}[31m", .notFound("\u{1B}[31m"), "no matches found for \"\\u{1B}[31m\""),
    ])
    func whatIsNotUniqueIsRefused(_ prefix: String, _ error: PodError, _ text: String) throws {
        #expect(throws: error) { try pods.directory.find(prefix) }
        #expect(error.description == text)
    }

    @Test func aWholeUUIDThatIsNowhereIsNotFound() throws {
        let uuid = PodUUID()
        #expect(throws: PodError.notFound(uuid.description)) {
            try pods.directory.find(uuid.description)
        }
    }

    @Test func podsAreListedByName() throws {
        let names = try pods.directory.list([.run, .garbage]).map(\.uuid.short)
        #expect(names == ["aaaa0000", "aabb0000", "ffff0000"])
    }
}
