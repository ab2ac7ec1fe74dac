import AppContainer
import Testing

struct NameTests {
    @Test(arguments: ["a", "0", "abc-9", "a--b"])
    func namesAreAccepted(text: String) throws {
        #expect(try ACName(text).text == text)
    }

    @Test(arguments: ["", "-a", "a-", "A", "a.b", "a/b", "a b", "ä", "a\n"])
    func otherNamesAreRefused(text: String) {
        #expect(throws: ManifestError.name(text)) { try ACName(text) }
    }

    @Test(arguments: ["a", "example.com/a_b~c-d", "a//b", "a..b"])
    func identifiersAreAccepted(text: String) throws {
        #expect(try ACIdentifier(text).text == text)
    }

    @Test(arguments: ["", "/a", "a/", "A/b", ".a", "a:b", "a b"])
    func otherIdentifiersAreRefused(text: String) {
        #expect(throws: ManifestError.identifier(text)) { try ACIdentifier(text) }
    }

    @Test(arguments: [
        ("Foo_Bar.baz", "foo-bar-baz", "foo_bar.baz"),
        ("--x:1--", "x-1", "x_1"),
        ("/Data/Ü", "data", "data"),
    ])
    func anyTextIsSanitised(text: String, name: String, identifier: String) throws {
        #expect(try ACName(sanitizing: text).text == name)
        #expect(try ACIdentifier(sanitizing: text).text == identifier)
    }

    @Test
    func textWithoutUsableCharacterIsRefused() {
        #expect(throws: ManifestError.nothingLeft("-!-")) { try ACName(sanitizing: "-!-") }
    }

    @Test(arguments: [
        "sha512-a", "sha256-\(String(repeating: "0", count: 64))",
        "sha512-\(String(repeating: "f", count: 128))",
    ])
    func imageHashesAreAccepted(text: String) throws {
        #expect(try ImageHash(text).description == text)
    }

    @Test(arguments: [
        "", "sha512", "sha512-", "sha512-zz", "sha512-AB", "sha1-ab", "sha256-ab-c",
        "sha512-../../x",
        "sha256-\(String(repeating: "0", count: 65))",
    ])
    func otherImageHashesAreRefused(text: String) {
        #expect(throws: ManifestError.imageID(text)) { try ImageHash(text) }
    }

    /// R7: 4294967295 means "no change" to the kernel.
    @Test
    func usersAreIdsPathsOrNames() throws {
        #expect(try UserSpec("4294967294") == .id(4_294_967_294))
        #expect(try UserSpec("007") == .id(7))
        #expect(try UserSpec("/bin/su") == .ownerOf("/bin/su"))
        #expect(try UserSpec("www-data") == .name("www-data"))
        #expect(try UserSpec("-1") == .name("-1"))
        #expect(try GroupSpec(":primary") == .primary)
        #expect(try GroupSpec(GroupSpec.primary.description) == .primary)
    }

    @Test(arguments: ["", "4294967295", "18446744073709551616", "99999999999999999999999", "a:b"])
    func otherUsersAreRefused(text: String) {
        #expect(throws: ManifestError.identity(text)) { try UserSpec(text) }
        #expect(throws: ManifestError.identity(text)) { try GroupSpec(text) }
    }
}
