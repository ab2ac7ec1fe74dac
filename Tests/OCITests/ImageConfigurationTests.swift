import OCI
import Testing

struct ImageConfigurationTests {
    static let complete = """
        {"architecture":"arm64","os":"linux","variant":"v8","created":"2026-01-01T00:00:00Z","author":"A",
        "config":{"User":"www:data","ExposedPorts":{"80/tcp":{}},"Env":["A=B"],"Entrypoint":["/e"],"Cmd":["c"],
        "Volumes":{"/data":{}},"WorkingDir":"/w","Labels":{"Name":"n","name":"m"},"StopSignal":"SIGQUIT",
        "Healthcheck":{"Test":["x"]},"OnBuild":null},
        "rootfs":{"type":"layers","diff_ids":["sha256:\(sum)"]},
        "history":[{"created_by":"x","empty_layer":true},{}]}
        """

    @Test
    func configurationIsRead() throws {
        let configuration = try ImageConfiguration(parsing: Array(Self.complete.utf8))
        #expect(configuration.platform.description == "linux/arm64/v8")
        #expect(configuration.execution.entrypoint == ["/e"])
        #expect(configuration.execution.labels == ["Name": "n", "name": "m"])
        #expect(configuration.execution.stopSignalNumber == 3)
        #expect(configuration.history.map(\.isEmptyLayer) == [true, false])
        let manifest = try Manifest(parsing: Array(ManifestTests.image.utf8))
        #expect(try manifest.layers(with: configuration).map(\.diffID.hex) == [sum])
    }

    @Test
    func numberOfLayersMustAgree() throws {
        let text = Self.complete.replacing("[\"sha256:\(sum)\"]", with: "[]")
        let configuration = try ImageConfiguration(parsing: Array(text.utf8))
        let manifest = try Manifest(parsing: Array(ManifestTests.image.utf8))
        #expect(throws: OCIError.layerCount(manifest: 1, configuration: 0)) {
            try manifest.layers(with: configuration)
        }
    }

    @Test(
        arguments: [
            ("SIGTERM", 15), ("term", 15), ("9", 9), ("SIGRTMIN+3", 37), ("RTMIN", 34),
            ("RTMAX-2", 62), ("SIGSYS", 31),
            ("", nil), ("0", nil), ("65", nil), ("-1", nil), ("SIGFOO", nil), ("RTMIN-1", nil),
            ("RTMAX+1", nil),
            ("RTMIN+999999999999", nil), ("SIG", nil), ("RTMIN+-", nil),
        ] as [(String, Int?)]
    )
    func stopSignalIsReadByNameOrNumber(text: String, number: Int?) {
        var execution = ImageConfiguration.Execution()
        execution.stopSignal = text
        #expect(execution.stopSignalNumber == number)
    }

    @Test(arguments: [
        ("\"layers\"", "\"images\""), ("sha256:", "sha1:"), ("[\"A=B\"]", "\"A=B\""),
        ("[\"c\"]", "\"c\""),
        ("\"Name\":\"n\"", "\"Name\":1"), ("\"Env\"", "\"env\":[],\"Env\""),
        ("{\"80/tcp\":{}}", "[]"),
    ])
    func wrongConfigurationIsRefused(part: String, replacement: String) {
        let text = Self.complete.replacing(part, with: replacement)
        #expect(text != Self.complete)
        #expect(throws: OCIError.self) { try ImageConfiguration(parsing: Array(text.utf8)) }
    }

    @Test(arguments: ["/etc/passwd", "../x", "a/../b", "a//b", ".", ""])
    func dockerArchiveNamesOnlyItsOwnFiles(path: String) {
        let text = "[{\"Config\":\"\(path)\",\"RepoTags\":null,\"Layers\":[]}]"
        #expect(throws: OCIError.self) { try DockerArchive(parsing: Array(text.utf8)) }
    }

    @Test
    func layoutOfVersionOneIsKnown() throws {
        _ = try ImageLayout(parsing: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        for text in [#"{"imageLayoutVersion":"2.0.0"}"#, "{}"] {
            #expect(throws: OCIError.self) { try ImageLayout(parsing: Array(text.utf8)) }
        }
    }
}
