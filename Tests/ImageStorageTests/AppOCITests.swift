import AppContainer
import ImageStorage
import OCI
import TestSupport
import Testing

struct AppOCITests {
    private func app(_ config: String) throws -> App {
        let text =
            #"{"os":"linux","architecture":"amd64","config":\#(config),"rootfs":{"type":"layers"}}"#
        return try App(ImageConfiguration(parsing: Array(text.utf8)))
    }

    @Test
    func everyMemberIsCarriedOver() throws {
        let app = try app(
            #"""
            {"User":"www","Env":["A=1","B","=x","A=2","C="],"Entrypoint":["/e"],"Cmd":["c"],"WorkingDir":"w",
            "Volumes":{"/data":{},"/Data":{},"/":{},"":{}},"Labels":{"k":"v"},"StopSignal":"SIGQUIT",
            "ExposedPorts":{"80/tcp":{},"53/udp":{},"443":{},"0/tcp":{},"x":{},"1/2/3":{}}}
            """#
        )
        #expect(app.exec == ["/e", "c"])
        #expect(app.environment.map { "\($0.name)=\($0.value)" } == ["A=2", "C="])
        #expect(app.workingDirectory == "/w")
        #expect(app.mountPoints.map(\.name.text) == ["volume-data", "volume-data-1"])
        #expect(app.mountPoints.map(\.path) == ["/Data", "/data"])
        #expect(app.ports.map(\.name.text) == ["443-tcp", "53-udp", "80-tcp"])
        #expect(app.userLabels == ["k": "v"])
        #expect(app.stopSignal == 3)
        #expect(app.isOCI)
        #expect(try App(json: app.json).environment == app.environment)
    }

    @Test(
        arguments: [
            ("", .id(0), .id(0)), ("1000", .id(1000), .primary), ("www", .name("www"), .primary),
            ("www:", .name("www"), .primary), ("1:2", .id(1), .id(2)), (":5", .id(0), .id(5)),
        ] as [(String, UserSpec, GroupSpec)]
    )
    func userAloneRunsWithItsPrimaryGroup(text: String, user: UserSpec, group: GroupSpec) throws {
        let app = try app(#"{"User":"\#(text)"}"#)
        #expect(app.user == user)
        #expect(app.group == group)
    }

    @Test(arguments: ["4294967295", "1:99999999999999999999", "a:b:c"])
    func wrongUserIsRefused(text: String) {
        #expect(throws: ManifestError.self) { try app(#"{"User":"\#(text)"}"#) }
    }

    @Test
    func mutatedConfigurationsNeitherTrapNorHang() {
        let seed =
            #"{"User":"1:2","Env":["A=1"],"Volumes":{"/a":{},"/A":{}},"ExposedPorts":{"80/tcp":{}}}"#
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            _ = try? app(String(decoding: mutated(Array(seed.utf8), using: &random), as: UTF8.self))
        }
    }
}
