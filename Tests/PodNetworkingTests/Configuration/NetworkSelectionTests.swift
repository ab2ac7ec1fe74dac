import CNI
import PodNetworking
import TestSupport
import Testing

struct NetworkSelectionTests {
    private func names(_ values: [String]) throws -> [String] {
        guard case .networks(let choice) = try NetworkSelection(values) else { return [] }
        return (choice.includesAll ? ["all"] : []) + choice.networks.map(\.name)
    }

    @Test
    func listsAndRepeatsAddUp() throws {
        #expect(try names(["default"]) == ["default"])
        #expect(try names([]) == ["default"])
        #expect(try names(["a,b", "c"]) == ["a", "b", "c"])
        #expect(try names(["all", "a:IP=10.0.0.2"]) == ["all", "a"])
    }

    @Test
    func hostWinsOverNoneAndNoneOverNames() throws {
        #expect(try NetworkSelection(["a,none,host"]) == .host)
        #expect(try NetworkSelection(["a", "none"]) == .none)
    }

    /// The texts are rkt's.
    @Test(arguments: [
        ("", "netname must not be empty"), ("a,", "netname must not be empty"),
        (":IP=1", "netname must not be empty"), ("a,a", "found duplicate netname \"a\""),
        ("a,a:IP=1", "found duplicate netname \"a\""),
        ("all:a=b", "arguments are not supported by special netname \"all\""),
        ("host:a=b", "arguments are not supported by special netname \"host\""),
    ])
    func rktsErrors(value: String, text: String) {
        let error = #expect(throws: NetworkFlagError.self) { try NetworkSelection([value]) }
        #expect(error?.description == text)
    }

    @Test(arguments: [
        "../a", "a b", "a/b", "-a", "a:", "a:b", "a:=b", "a:b=c;", "a:b=c;b=d", "a:b c=d",
        "a:b=c d",
        "a:b=\n", "a:ingressRate=fast", "a:ingressRate=0", "a:egressRate=99999999999999999999",
        "a:egressRate=+5", "a:egressRate=99999999999999999G",
    ])
    func anythingElseIsRefused(_ value: String) {
        #expect(throws: NetworkFlagError.self) { try NetworkSelection([value]) }
    }

    private func arguments(_ value: String) throws -> NetworkArguments {
        guard case .networks(let choice) = try NetworkSelection([value]) else {
            return NetworkArguments()
        }
        return choice.networks[0].arguments
    }

    @Test
    func argumentsAreToldAsVariableAndAsCapabilities() throws {
        let arguments = try arguments(
            "a:IP=fd00::2/64;MAC=02:00:00:00:00:01;K=V=W;ingressRate=10M;egressBurst=1k"
        )
        #expect(
            arguments.pluginArguments
                == "IgnoreUnknown=1;IP=fd00::2/64;MAC=02:00:00:00:00:01;K=V=W"
        )
        var runtime = RuntimeConfiguration()
        arguments.add(to: &runtime)
        #expect(runtime.addresses == ["fd00::2/64"])
        #expect(runtime.hardwareAddress == "02:00:00:00:00:01")
        #expect(runtime.bandwidth?.ingressRate == 10_000_000)
        #expect(runtime.bandwidth?.egressBurst == 1000)
        #expect(runtime.bandwidth?.egressRate == 0)
    }

    @Test
    func nothingIsAddedToNoArgumentsOrToTheUsersWord() throws {
        #expect(try arguments("a").pluginArguments == "")
        #expect(try arguments("a:ingressRate=1M").pluginArguments == "")
        #expect(try arguments("a:K=V;IgnoreUnknown=0").pluginArguments == "K=V;IgnoreUnknown=0")
    }

    @Test
    func mutatedValuesNeitherTrapNorHang() {
        var random = SeededGenerator(seed: 3)
        let seed = Array("default:IP=10.0.0.1;MAC=02:00:00:00:00:01,all,b:ingressRate=10M".utf8)
        for _ in 0..<3000 {
            let text = String(decoding: mutated(seed, using: &random), as: UTF8.self)
            _ = try? NetworkSelection([text])
        }
    }
}
