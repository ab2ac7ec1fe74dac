import Foundation
import TestSupport
import Testing

extension Functional {
    /// Debian's etcd, published by nginx over TLS under a name with discovery and a signature, fetched and run; in a network
    /// namespace of the test's own, where the host's name leads to.
    @Suite(
        .requires("nginx"),
        .requires("openssl"),
        .requires("etcd"),
        .requires("etcdctl"),
        .requires("ip")
    )
    struct Publishing {
        let rkt: Rkt
        let keys: KeyRing
        static let signer = "etcd <keys@etcd.test>"

        init() throws {
            rkt = try Rkt()
            keys = try KeyRing()
            try keys.makeKey(Self.signer)
            try keys.makeKey("Somebody <else@example.com>")
            let aci = try publish("etcd", name: "etcd.test/etcd")
            try keys.sign(aci, by: Self.signer)
            try keys.export(Self.signer, to: rkt.scratch("web/keys.asc"))
            try keys.export("Somebody <else@example.com>", to: rkt.scratch("other.asc"))
            try page("etcd.test/etcd", at: "etcd.test", to: "index.html")
            try certificate()
            try rkt.scratch.write("127.0.0.1 etcd.test localhost\n::1 localhost\n", to: "hosts")
            try rkt.scratch.write(Self.configuration, to: "nginx.conf")
            try rkt.scratch.makeDirectory("tmp")
        }

        /// Packs etcd as an ACI into the published directory.
        @discardableResult
        private func publish(_ file: String, name: String) throws -> String {
            try rkt.scratch.makeDirectory("web")
            try rkt.scratch.write(
                """
                {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "\(name)",
                 "labels": [{"name": "version", "value": "v3.4"}, {"name": "os", "value": "linux"},
                            {"name": "arch", "value": "amd64"}],
                 "app": {"exec": ["/usr/bin/etcd", "--data-dir=/tmp/etcd"], "user": "0", "group": "0"}}
                """,
                to: "\(file)/manifest"
            )
            let aci = rkt.scratch("web/\(file)-v3.4-linux-amd64.aci")
            // The program and the libraries it is linked with.
            let script = """
                cd '\(rkt.scratch(file))'
                mkdir -p rootfs/usr/bin rootfs/tmp rootfs/etc
                cp /usr/bin/etcd rootfs/usr/bin/
                ldd /usr/bin/etcd | grep -o '/[^ ]*' | while read -r library; do
                    mkdir -p "rootfs${library%/*}"
                    cp "$library" "rootfs$library"
                done
                tar -czf '\(aci)' manifest rootfs
                """
            try tool("sh", "-ec", script)
            return aci
        }

        /// A page that says where images of a prefix lie and whose keys sign them.
        private func page(_ prefix: String, at authority: String, to file: String) throws {
            try rkt.scratch.write(
                """
                <html><head>
                <meta name="ac-discovery" content="\(prefix) https://\(authority)/etcd-{version}-{os}-{arch}.{ext}">
                <meta name="ac-discovery-pubkeys" content="\(prefix) https://\(authority)/keys.asc">
                </head></html>
                """,
                to: "web/\(file)"
            )
        }

        private func certificate() throws {
            let script = """
                cd '\(rkt.scratch.path)'
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca \
                  -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=etcd.test \
                  -keyout key.pem -out cert.csr
                echo subjectAltName=DNS:etcd.test,DNS:localhost,IP:::1 > ext
                openssl x509 -req -in cert.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out cert.pem
                """
            try tool("sh", "-ec", script)
        }

        // A path that isn't a file gives the page, as a host with discovery does.
        private static let configuration = """
            daemon off; pid tmp/pid; error_log stderr; user root;
            events {}
            http {
              access_log access.log; default_type application/octet-stream;
              client_body_temp_path tmp/a; proxy_temp_path tmp/b; fastcgi_temp_path tmp/c;
              uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
              ssl_certificate cert.pem; ssl_certificate_key key.pem;
              server { listen 127.0.0.1:443 ssl; root web; location / { try_files $uri /index.html; } }
              server { listen 127.0.0.1:8443 ssl; listen [::1]:8443 ssl; root web;
                       location / { try_files $uri /port.html; } }
            }

            """

        /// Runs a script beside the server; `rkt` is the program under test.
        private func run(_ script: String) throws -> Outcome {
            let whole = """
                set -e
                ip link set lo up
                cd '\(rkt.scratch.path)'
                mount --bind hosts /etc/hosts
                export SSL_CERT_FILE=$PWD/ca.pem
                rkt() { '\(Rkt.program)' --dir='\(rkt.data)' --local-config=$PWD/etc "$@"; }
                nginx -p "$PWD" -c nginx.conf 2>nginx.log &
                server=$!
                until test -s tmp/pid; do kill -0 $server || { cat nginx.log; exit 1; }; sleep 0.05; done
                code=0
                (set -e; \(script)
                ) || code=$?
                kill $server
                exit $code
                """
            return try Execution(["/usr/bin/unshare", "--net", "--mount", "/bin/bash", "-c", whole])
                .finished(within: 120)
        }

        @Test func etcdRunsFromItsName() throws {
            let outcome = try run(
                """
                rkt trust --prefix=etcd.test/etcd --skip-fingerprint-review
                rkt fetch etcd.test/etcd:v3.4
                rkt run --net=host --uuid-file-save=uuid etcd.test/etcd:v3.4 >etcd.log 2>&1 &
                pod=$!
                export ETCDCTL_API=3
                until etcdctl put greeting hello 2>/dev/null; do kill -0 $pod || { cat etcd.log; exit 1; }; sleep 0.1; done
                etcdctl get greeting
                rkt stop --uuid-file=uuid >/dev/null
                wait $pod || true
                rkt gc --grace-period=0s >/dev/null 2>&1
                """
            )
            #expect(outcome.succeeded && outcome.lines.suffix(1) == ["hello"], "\(outcome)")
            #expect(outcome.errors.contains("signature verified"), "\(outcome)")
            let log = try tool("cat", rkt.scratch("access.log"))
            #expect(log.contains("GET /etcd?ac-discovery=1"), "\(log)")
        }

        @Test func withoutAKeyNothingIsStored() throws {
            let outcome = try run("rkt fetch etcd.test/etcd:v3.4")
            #expect(outcome.code == 254 && outcome.errors.contains("key"), "\(outcome)")
            #expect(try rkt("image", "list", "--no-legend").text.isEmpty)
        }

        @Test func aKeyOfSomebodyElseDoesNotOpenIt() throws {
            let outcome = try run(
                """
                rkt trust --prefix=etcd.test --skip-fingerprint-review other.asc
                rkt fetch etcd.test/etcd:v3.4
                """
            )
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains("which is not trusted (see rkt trust)"), "\(outcome)")
            #expect(try rkt("image", "list", "--no-legend").text.isEmpty)
        }

        @Test func aTamperedImageIsRefused() throws {
            try publish("evil", name: "etcd.test/etcd")
            try tool(
                "sh",
                "-ec",
                "cd '\(rkt.scratch("web"))'; mv evil-v3.4-linux-amd64.aci etcd-v3.4-linux-amd64.aci; "
                    + "printf x >>etcd-v3.4-linux-amd64.aci"
            )
            let outcome = try run(
                """
                rkt trust --prefix=etcd.test/etcd --skip-fingerprint-review
                rkt fetch etcd.test/etcd:v3.4
                """
            )
            #expect(outcome.code == 254 && outcome.errors.contains("signature"), "\(outcome)")
            #expect(try rkt("image", "list", "--no-legend").text.isEmpty)
        }

        @Test(.requires("python3")) func aProxyIsUsedUnlessTheHostIsExcepted() throws {
            try rkt.scratch.write(Self.proxy, to: "proxy.py")
            let outcome = try run(
                """
                rkt trust --prefix=etcd.test --skip-fingerprint-review other.asc
                exec 3< <(exec python3 proxy.py)
                proxy=$!
                read -u 3 port
                export HTTPS_PROXY=http://127.0.0.1:$port
                NO_PROXY=other.test,etcd.test rkt --insecure-options=image fetch --no-store etcd.test/etcd:v3.4
                echo direct
                rkt --insecure-options=image fetch --no-store etcd.test/etcd:v3.4
                kill $proxy
                cat <&3
                """
            )
            #expect(outcome.succeeded, "\(outcome)")
            let direct = outcome.lines.firstIndex(of: "direct") ?? -1
            let tunnels = outcome.lines.indices.filter {
                outcome.lines[$0] == "CONNECT etcd.test:443"
            }
            #expect(!tunnels.isEmpty && tunnels.allSatisfy { $0 > direct }, "\(outcome)")
            let requests = try tool("cat", rkt.scratch("access.log"))
            #expect(requests.components(separatedBy: "GET /etcd-v3.4").count == 3, "\(requests)")
        }

        // Tells what it was asked for and tunnels there.
        private static let proxy = """
            import socket, threading
            def copy(source, target):
                try:
                    while data := source.recv(65536):
                        target.sendall(data)
                except OSError: pass
                try: target.shutdown(socket.SHUT_WR)
                except OSError: pass
            def serve(client):
                head = b""
                while b"\\r\\n\\r\\n" not in head:
                    data = client.recv(1)
                    if not data: return
                    head += data
                verb, place = head.decode().split(" ")[:2]
                print(verb, place, flush=True)
                host, port = place.rsplit(":", 1)
                server = socket.create_connection((host, int(port)))
                client.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
                threading.Thread(target=copy, args=(server, client), daemon=True).start()
                copy(client, server)
            listener = socket.create_server(("127.0.0.1", 0))
            print(listener.getsockname()[1], flush=True)
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
            """

        /// The port and the address say where to ask; the image and its keys go by the name without them.
        @Test(arguments: [
            ("localhost:8443/etcd", "localhost/etcd"), ("[::1]:8443/etcd", "0__1/etcd"),
        ])
        func aNameMayHaveAPortOrAnAddress(typed: String, name: String) throws {
            let authority = String(typed.prefix { $0 != "/" })
            let aci = try publish("etcd", name: name)
            try keys.sign(aci, by: Self.signer)
            try page(name, at: authority, to: "port.html")
            let outcome = try run(
                """
                rkt --trust-keys-from-https fetch '\(typed):v3.4'
                rkt image list --fields=name --no-legend
                rkt run --net=none '\(typed):v3.4' --exec=/usr/bin/etcd -- --version
                """
            )
            #expect(outcome.succeeded, "\(outcome)")
            #expect(outcome.output.contains("\(name):v3.4"), "\(outcome)")
            #expect(outcome.output.contains("etcd Version"), "\(outcome)")
        }
    }
}
