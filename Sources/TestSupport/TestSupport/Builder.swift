import Foundation

/// The built `acbuild` in a working directory of the test's own, and an `rkt` beside it.
package struct Builder: ProgramUnderTest, Sendable {
    /// The program under test.
    package static let program = "\(Rkt.dist)/bin/acbuild"

    /// The engine that runs what is built; its scratch directory is the working directory.
    package let rkt: Rkt

    /// Starts with an empty directory.
    package init() throws { rkt = try Rkt() }

    /// Works beside an engine that has images already.
    package init(_ rkt: Rkt) { self.rkt = rkt }

    /// The working directory.
    package var scratch: Scratch { rkt.scratch }

    /// Starts one command and returns at once.
    package func start(
        _ arguments: [String],
        environment: [String: String]?,
        input: String?
    ) throws -> Execution {
        try Execution(
            [Self.program, "--dir=\(rkt.data)"] + arguments,
            environment: environment,
            input: input,
            directory: scratch.path
        )
    }

    /// Runs commands that must succeed, one after the other; the result is the last one's output.
    @discardableResult
    package func all(
        _ commands: [[String]],
        environment: [String: String]? = nil
    ) throws -> String {
        var text = ""
        for command in commands {
            let outcome = try self(command, environment: environment)
            guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
            text = outcome.text
        }
        return text
    }

    /// What a reader that shares no code with the writer finds in an ACI: its manifest and its entries.
    ///
    /// It holds the image to the rules of the specification and throws with what is wrong.
    package static func inspect(aci path: String) throws -> InspectedACI {
        let json = try tool("python3", "-c", reader, path)
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
        guard let members = object as? [String: Any],
            let manifest = members["manifest"] as? [String: Any],
            let entries = members["entries"] as? [String: [String: Any]],
            let id = members["id"] as? String
        else { throw CannotStart(program: path, error: 0) }
        return InspectedACI(id: id, manifest: manifest, entries: entries)
    }

    private static let reader = #"""
        import gzip, hashlib, io, json, re, sys, tarfile
        raw = open(sys.argv[1], "rb").read()
        data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        archive = tarfile.open(fileobj=io.BytesIO(data))
        seen, manifest = {}, None
        for member in archive:
            name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            assert name == "manifest" or name == "rootfs" or name.startswith("rootfs/"), name
            assert name not in seen, "twice: " + name
            assert ".." not in name.split("/"), name
            if name == "manifest":
                assert member.isreg()
                manifest = json.load(archive.extractfile(member))
            if name == "rootfs":
                assert member.isdir()
            if member.islnk():
                assert member.linkname in seen, "link to what isn't there: " + name
            text = ""
            if member.isreg() and member.size < 1000:
                text = archive.extractfile(member).read().decode("utf-8", "replace")
            seen[name] = dict(type=member.type.decode(), mode=member.mode, uid=member.uid, gid=member.gid,
                              size=member.size, mtime=member.mtime, link=member.linkname.encode('utf-8', 'replace').decode(), text=text,
                              pax={k: v for k, v in member.pax_headers.items() if k.startswith('SCHILY')})
        assert manifest is not None and "rootfs" in seen
        assert manifest["acKind"] == "ImageManifest"
        assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["acVersion"])
        identifier = r"[a-z0-9]+([-._~/][a-z0-9]+)*"
        assert re.fullmatch(identifier, manifest["name"]), manifest["name"]
        for kind in ("labels", "annotations"):
            names = [each["name"] for each in manifest.get(kind, [])]
            assert len(names) == len(set(names)), names
            for name in names:
                assert re.fullmatch(r"[a-z0-9]([-a-z0-9._~/]*[a-z0-9])?", name), name
        app = manifest.get("app")
        if app is not None:
            assert app["user"] and app["group"]
            for port in app.get("ports", []):
                assert 0 < port["port"] < 65536
        print(json.dumps(dict(id="sha512-" + hashlib.sha512(data).hexdigest()[:64], manifest=manifest, entries=seen)))
        """#
}

/// What was found in an ACI.
package struct InspectedACI {
    /// The image ID, computed from the archive.
    package let id: String
    /// The manifest.
    package let manifest: [String: Any]
    /// The entries by their names, with `type`, `mode`, `uid`, `gid`, `size`, `mtime`, `link`, `text`, `pax`.
    package let entries: [String: [String: Any]]

    /// The names of the entries.
    package var names: Set<String> { Set(entries.keys) }
    /// The member `app` of the manifest.
    package var app: [String: Any] { manifest["app"] as? [String: Any] ?? [:] }
}
