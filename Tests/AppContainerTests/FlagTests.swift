import AppContainer
import TestSupport
import Testing

struct FlagTests {
    @Test(
        arguments: [
            ("data,kind=host,source=/x", .host(source: "/x", isRecursive: nil), nil),
            (
                "data,kind=host,source=/a%2Cb+c,readOnly=true,recursive=false",
                .host(source: "/a%2Cb+c", isRecursive: false), true
            ),
            ("data,kind=empty", .empty(mode: 0o755, uid: 0, gid: 0), nil),
            (
                "data,kind=empty,mode=1777,uid=1,gid=4294967294,readOnly=0",
                .empty(mode: 0o1777, uid: 1, gid: 4_294_967_294), false
            ),
            ("data,source=/x=y,kind=host", .host(source: "/x=y", isRecursive: nil), nil),
        ] as [(String, Volume.Kind, Bool?)]
    )
    func volumeIsRead(text: String, kind: Volume.Kind, isReadOnly: Bool?) throws {
        let volume = try Volume(flag: text)
        #expect(volume.name.text == "data")
        #expect(volume.kind == kind)
        #expect(volume.isReadOnly == isReadOnly)
        #expect(try Volume(json: volume.json) == volume)
    }

    @Test(arguments: [
        ("", "is a label without a value"), ("Data,kind=empty", "is not an AC name"),
        ("data", "missing \"kind=\""),
        ("data,kind", "\"kind\" is a label without a value"),
        ("data,kind=", "is a label without a value"),
        ("data,kind=host", "missing \"source=\""),
        ("data,kind=host,source=x", "not an absolute path"),
        ("data,kind=empty,kind=empty", "label \"kind\" with multiple values"),
        ("data,kind=empty,name=x", "label \"name\" with multiple values"),
        ("data,kind=tmpfs", "neither \"host\" nor \"empty\""),
        ("data,kind=empty,source=/x", "unknown label \"source\""),
        ("data,kind=host,source=/x,uid=0", "unknown label \"uid\""),
        ("data,kind=empty,mode=8", "not octal"),
        ("data,kind=empty,uid=-1", "not an id"), ("data,kind=empty,gid=4294967295", "not an id"),
        ("data,kind=empty,readOnly=yes", "neither true nor false"),
        ("data,,kind=empty", "label without a value"),
    ])
    func wrongVolumeIsRefused(text: String, reason: String) {
        let error = #expect(throws: ManifestError.self) { try Volume(flag: text) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test
    func mountIsReadWithQueryEscapes() throws {
        let mount = try Mount(flag: "volume=data,target=/a%2Cb+c%20d")
        #expect(mount.volume.text == "data")
        #expect(mount.path == "/a,b c d")
    }

    @Test(arguments: [
        "volume=data", "target=/x", "volume=data,target=/x,x=y", "volume=data,target=%zz",
        "volume=data,target=%00",
        "volume=data,target=%2", "volume=data,target=%ff",
    ])
    func wrongMountIsRefused(text: String) {
        #expect(throws: ManifestError.self) { try Mount(flag: text) }
    }

    @Test
    func isolatorsAreRead() throws {
        #expect(try Isolator.memory(flag: "16M") == .memory(ResourceRange(Quantity("16M"))))
        #expect(try Isolator.cpu(flag: "500m") == .cpu(ResourceRange(Quantity("500m"))))
        #expect(try Isolator.cpuShares(flag: "1024") == .cpuShares(1024))
        #expect(try Isolator.oomScoreAdjustment(flag: "-1000") == .oomScoreAdjustment(-1000))
        #expect(
            try Isolator.capabilitiesRetain(flag: "CAP_KILL,CAP_CHOWN")
                == .capabilitiesRetain(["CAP_KILL", "CAP_CHOWN"])
        )
        let set = try #require(SystemCallSet(names: ["kill", "@docker/x"], errno: "EPERM"))
        #expect(
            try Isolator.seccomp(flag: "kill,errno=EPERM,mode=remove,@docker/x")
                == .seccompRemove(set)
        )
    }

    @Test
    func wrongIsolatorsAreRefused() {
        for text in ["16m", "1", "x", ""] {
            #expect(throws: ManifestError.self) { try Isolator.memory(flag: text) }
        }
        for text in ["0", "-1", ""] {
            #expect(throws: ManifestError.self) { try Isolator.cpu(flag: text) }
        }
        for text in [
            "kill", "mode=retain", "mode=x,kill", "mode=retain,errno=eperm,kill",
            "mode=retain,x=y,kill",
        ] {
            #expect(throws: ManifestError.self) { try Isolator.seccomp(flag: text) }
        }
        #expect(throws: ManifestError.self) { try Isolator.cpuShares(flag: "1") }
        #expect(throws: ManifestError.self) {
            try Isolator.oomScoreAdjustment(flag: "99999999999999999999")
        }
        #expect(throws: ManifestError.self) { try Isolator.capabilitiesRemove(flag: ",") }
    }

    @Test
    func mutatedFlagsDoNotTrap() {
        var random = SeededGenerator(seed: 4)
        let seeds = [
            "data,kind=empty,mode=1777,uid=1,gid=2", "volume=a,target=%2Cx",
            "mode=retain,errno=EX,a", "1.5e3Gi",
        ]
        for seed in seeds {
            for _ in 0..<3000 {
                let text = String(
                    decoding: mutated(Array(seed.utf8), using: &random),
                    as: UTF8.self
                )
                _ = try? Volume(flag: text)
                _ = try? Mount(flag: text)
                _ = try? Isolator.seccomp(flag: text)
                _ = try? Isolator.memory(flag: text)
                _ = try? ACIdentifier(sanitizing: text)
            }
        }
    }
}
