import Foundation
import TestSupport

/// A registry with an image in it, an engine, and keys that sign images as cosign does.
struct SignedRegistry {
    let rkt: Rkt
    let registry: Registry

    init() throws {
        rkt = try Rkt()
        registry = try Registry()
    }

    /// The name that the image has here: a port's colon is none in it.
    var name: String { "\(registry.authority.replacingOccurrences(of: ":", with: "_"))/team/app" }
    var reference: String { "docker://\(registry.authority)/team/app:1" }

    func policy(_ prefix: String, _ requirement: String, _ more: String = "") throws {
        let text = """
            {"rktKind": "policy", "rktVersion": "v1", "prefix": "\(prefix)",
             "requirement": "\(requirement)"\(more)}
            """
        let file = prefix.isEmpty ? "all" : prefix.replacingOccurrences(of: "/", with: "-")
        try rkt.scratch.write(text, to: "config/policy.d/\(file).json")
    }

    /// A policy for the image by keys.
    func policy(keys: [String], prefix: String? = nil) throws {
        let list = keys.map { "\"\($0)\"" }.joined(separator: ", ")
        try policy(prefix ?? name, "signedBy", #", "keys": [\#(list)]"#)
    }

    func fetch(_ options: String = "http", _ image: String? = nil) throws -> Outcome {
        try configured("--insecure-options=\(options)", "fetch", image ?? reference)
    }

    /// Runs the image, which the store or the registry has.
    func run(
        _ image: String? = nil,
        pull: String = "new",
        reading file: String = "/marks/one"
    ) throws -> Outcome {
        try configured(
            "--insecure-options=http",
            "run",
            "--pull-policy=\(pull)",
            "--net=none",
            image ?? reference,
            "--exec=/bin/cat",
            "--",
            file
        )
    }

    func configured(_ arguments: String...) throws -> Outcome {
        try rkt(["--local-config=\(rkt.scratch("config"))"] + arguments, within: 60)
    }

    func isEmpty() throws -> Bool { try rkt("image", "list", "--no-legend").output.isEmpty }

    /// Makes a key pair; the public half's path.
    @discardableResult
    func key(_ name: String, _ kind: String = "ecdsa") throws -> String {
        let (file, open) = (rkt.scratch("\(name).key"), rkt.scratch("\(name).pub"))
        let flags =
            switch kind {
            case "rsa", "rsa-pss": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
            case "short": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]
            case "ed25519": ["-algorithm", "ED25519"]
            default: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
            }
        try tool(["openssl", "genpkey", "-out", file] + flags)
        try tool("openssl", "pkey", "-in", file, "-pubout", "-out", open)
        return open
    }

    /// Brings an image to the registry that tells itself from others by a mark; its digest.
    func push(marks: String = "one", to name: String = "team/app:1") throws -> String {
        var image = try OCIImage()
        var layer = TarArchive()
        layer.add("marks/\(marks)", text: marks)
        image.layers.append(layer)
        try registry.push(try image.write(in: rkt.scratch, as: marks), to: name)
        return try registry.skopeo([
            "inspect", "--tls-verify=false", "--format={{.Digest}}",
            "docker://\(registry.authority)/\(name)",
        ])
    }

    /// A key's signature over bytes.
    func signature(of bytes: Data, by key: String, padding: String? = nil) throws -> Data {
        let (message, result) = (rkt.scratch("message"), rkt.scratch("signature"))
        try bytes.write(to: URL(fileURLWithPath: message))
        let secret = rkt.scratch("\(key).key")
        let text = try tool("openssl", "pkey", "-in", secret, "-noout", "-text")
        if text.contains("ED25519") {
            try tool(
                ["openssl", "pkeyutl", "-sign", "-inkey", secret, "-rawin"]
                    + ["-in", message, "-out", result]
            )
        } else {
            let options = padding.map { ["-sigopt", "rsa_padding_mode:\($0)"] } ?? []
            try tool(
                ["openssl", "dgst", "-sha256", "-sign", secret] + options
                    + ["-out", result, message]
            )
        }
        return try Data(contentsOf: URL(fileURLWithPath: result))
    }
}

// MARK: - What lies in the registry

extension SignedRegistry {
    /// Something that goes into the registry beside an image.
    struct Artifact {
        var content: Data
        var mediaType: String
        /// Of the layer that it becomes.
        var annotations: [String: String] = [:]
        /// Of the manifest.
        var notes: [String: String] = [:]
    }

    /// Where it lies there.
    enum Place: String {
        /// Under the tag `sha256-HEX.sig`.
        case tag
        /// In the index under the tag `sha256-HEX`, as for a registry without the interface for referrers.
        case referrer
        /// The same, and nothing else in that index.
        case onlyReferrer
        /// In an index that only the interface shows (``referrersServer()``).
        case interface
    }

    /// Signs a digest in the first of cosign's formats, and puts the signature where cosign puts it.
    func sign(
        _ digest: String,
        by key: String,
        as identity: String? = nil,
        at place: String? = nil,
        tampered: Bool = false,
        padding: String? = nil,
        asReferrer: Bool = false
    ) throws {
        let payload = """
            {"critical":{"identity":{"docker-reference":"\(identity ?? "\(registry.authority)/team/app")"},\
            "image":{"docker-manifest-digest":"\(digest)"},\
            "type":"cosign container image signature"},"optional":null}
            """
        let signature = try signature(of: Data(payload.utf8), by: key, padding: padding)
        let artifact = Artifact(
            content: Data((payload + (tampered ? " " : "")).utf8),
            mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
            annotations: ["dev.cosignproject.cosign/signature": signature.base64EncodedString()]
        )
        try publish([artifact], of: place ?? digest, asReferrer ? .referrer : .tag)
    }

    /// Puts artifacts beside the image that has a digest, each in a manifest of its own, the first one first.
    func publish(
        _ artifacts: [Artifact],
        of digest: String,
        _ place: Place,
        in repository: String = "team/app"
    ) throws {
        let list = artifacts.map { artifact in
            [
                "content": artifact.content.base64EncodedString(), "type": artifact.mediaType,
                "annotations": artifact.annotations, "notes": artifact.notes,
            ] as [String: Any]
        }
        let file = rkt.scratch("artifacts.json")
        try JSONSerialization.data(withJSONObject: list).write(to: URL(fileURLWithPath: file))
        let base = "http://\(registry.authority)/v2/\(repository)/"
        try tool("python3", "-c", Self.publisher, base, digest, place.rawValue, file)
    }

    private static let publisher = #"""
        import base64, hashlib, json, sys, urllib.error, urllib.request
        base, digest, place, file = sys.argv[1:]
        MANIFEST = "application/vnd.oci.image.manifest.v1+json"
        INDEX = "application/vnd.oci.image.index.v1+json"
        def send(method, url, data=None, kind=INDEX):
            headers = {"Content-Type": kind, "Accept": kind}
            return urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers))
        def blob(data):
            name = "sha256:" + hashlib.sha256(data).hexdigest()
            where = send("POST", base + "blobs/uploads/", b"").headers["Location"]
            send("PUT", where + ("&" if "?" in where else "?") + "digest=" + name, data, "application/octet-stream")
            return {"digest": name, "size": len(data)}
        name = digest.replace(":", "-")
        index = ("seen-" if place == "interface" else "") + name
        try:
            if place == "onlyReferrer":
                raise KeyError
            listed = json.load(send("GET", base + "manifests/" + index))["manifests"]
        except (KeyError, urllib.error.HTTPError):
            listed = []
        for artifact in json.load(open(file)):
            layer = dict(blob(base64.b64decode(artifact["content"])), mediaType=artifact["type"])
            if artifact["annotations"]:
                layer["annotations"] = artifact["annotations"]
            config = dict(blob(b"{}"), mediaType="application/vnd.oci.image.config.v1+json")
            manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
            if artifact["notes"]:
                manifest.update(artifactType=artifact["type"], annotations=artifact["notes"])
            data = json.dumps(manifest).encode()
            own = "sha256:" + hashlib.sha256(data).hexdigest()
            send("PUT", base + "manifests/" + (name + ".sig" if place == "tag" else own), data, MANIFEST)
            entry = {"mediaType": MANIFEST, "digest": own, "size": len(data)}
            if artifact["notes"]:
                entry.update(artifactType=artifact["type"], annotations=artifact["notes"])
            listed.append(entry)
        if place != "tag":
            data = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).encode()
            send("PUT", base + "manifests/" + index, data, INDEX)
        """#

    /// A registry with the interface for referrers, which Debian's doesn't have: what it lists is
    /// ``Place/interface``, everything else is asked of the real one.
    func referrersServer() throws -> ScriptedServer {
        let authority = registry.authority
        return try ScriptedServer { request in
            let parts = request.path.components(separatedBy: "/referrers/sha256:")
            let path =
                parts.count == 2 ? "\(parts[0])/manifests/seen-sha256-\(parts[1])" : request.path
            return .init(307, "", headers: ["Location": "http://\(authority)\(path)"])
        }
    }
}

// MARK: - Bundles

extension SignedRegistry {
    static let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"
    static let signPredicate = "https://sigstore.dev/cosign/sign/v1"

    /// An in-toto statement about an image, as cosign signs it unless it is told otherwise.
    static func statement(
        _ digest: String,
        predicate: String = signPredicate,
        name: String? = nil,
        algorithm: String = "sha256"
    ) -> String {
        let hex = digest.split(separator: ":")[1]
        let named = name.map { #""name":"\#($0)","# } ?? ""
        return """
            {"_type":"https://in-toto.io/Statement/v1","subject":[{\(named)"digest":{"\(algorithm)":"\(hex)"}}],\
            "predicateType":"\(predicate)","predicate":{}}
            """
    }

    /// A bundle with a signed statement.
    func envelope(
        _ statement: String,
        by key: String,
        type: String = "application/vnd.in-toto+json",
        padding: String? = nil,
        change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> Artifact {
        let payload = Data(statement.utf8)
        let head = "DSSEv1 \(type.utf8.count) \(type) \(payload.count) "
        let signature = try signature(of: Data(head.utf8) + payload, by: key, padding: padding)
        var envelope: [String: Any] = [
            "payload": payload.base64EncodedString(), "payloadType": type,
            "signatures": [["sig": signature.base64EncodedString()]],
        ]
        change(&envelope)
        return try bundle(["dsseEnvelope": envelope])
    }

    /// A bundle with a signature over a document.
    func message(
        over document: Data,
        by key: String,
        sum: String,
        algorithm: String = "SHA2_256",
        padding: String? = nil
    ) throws -> Artifact {
        let signature = try signature(of: document, by: key, padding: padding)
        let hex = sum.split(separator: ":")[1]
        let digest = stride(from: 0, to: hex.count, by: 2).map { at in
            UInt8(hex.dropFirst(at).prefix(2), radix: 16) ?? 0
        }
        return try bundle([
            "messageSignature": [
                "messageDigest": [
                    "algorithm": algorithm, "digest": Data(digest).base64EncodedString(),
                ], "signature": signature.base64EncodedString(),
            ]
        ])
    }

    private func bundle(_ content: [String: Any]) throws -> Artifact {
        let material: [String: Any] = ["publicKey": ["hint": "whatever"], "tlogEntries": []]
        let members: [String: Any] = [
            "mediaType": Self.bundleType, "verificationMaterial": material,
        ]
        let json = members.merging(content) { $1 }
        return Artifact(
            content: try JSONSerialization.data(withJSONObject: json),
            mediaType: Self.bundleType,
            notes: ["dev.sigstore.bundle.content": "dsse-envelope"]
        )
    }

    /// A document of the registry, byte for byte.
    func document(_ digest: String) throws -> Data {
        let text = try registry.skopeo([
            "inspect", "--raw", "--tls-verify=false",
            "docker://\(registry.authority)/team/app@\(digest)",
        ])
        return Data(text.utf8)
    }
}
