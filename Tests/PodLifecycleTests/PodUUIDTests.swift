import PodLifecycle
import Testing

@Suite struct PodUUIDTests {
    @Test func newNamesAreRandomAndOfVersionFour() throws {
        let names = (0..<100).map { _ in PodUUID() }
        #expect(Set(names).count == 100)
        let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        #expect(names.allSatisfy { $0.description.wholeMatch(of: form) != nil })
        #expect(names.allSatisfy { PodUUID($0.description) == $0 })
    }

    @Test(arguments: [
        "", "a", "6733c088-a507-4694-aabf-eae4ac0d4e3", "6733c088-a507-4694-aabf-eae4ac0d4e3ff",
        "6733c088_a507-4694-aabf-eae4ac0d4e3f", "g733c088-a507-4694-aabf-eae4ac0d4e3f",
        "../3c088-a507-4694-aabf-eae4ac0d4e3f", "6733c088-a507-4694-aabf-eae4ac0d4e3\u{e9}",
    ])
    func whatIsNoUUIDIsRefused(_ text: String) {
        #expect(PodUUID(text) == nil)
    }

    @Test func caseDoesNotMatter() throws {
        let uuid = try #require(PodUUID("6733C088-A507-4694-AABF-EAE4AC0D4E3F"))
        #expect(uuid.description == "6733c088-a507-4694-aabf-eae4ac0d4e3f")
        #expect(uuid.short == "6733c088")
        #expect(uuid.matches(prefix: "6733C") && !uuid.matches(prefix: "733"))
    }
}
