import AppContainer
import Seccomp
import Stage1ABI
import Testing

@testable import Stage0

/// Who gets which AppArmor profile.
@Suite struct AppArmorTests {
    private static let list = """
        rkt-default (enforce)
        rkt-web (kill)
        rkt-lax (complain)
        rkt-open (unconfined)
        rkt-odd (name) (enforce)
        /usr/sbin/cupsd (enforce)
        /usr/sbin/cupsd//third_party (enforce)

        """

    @Test func onlyEnforcedProfilesForPodsCount() {
        let profiles = AppArmor.podProfiles(in: Array(Self.list.utf8))
        #expect(profiles == ["rkt-default", "rkt-web", "rkt-odd (name)"])
        #expect(AppArmor.podProfiles(in: []).isEmpty)
    }

    private func plan(
        _ appArmor: AppArmor,
        wish: String? = nil,
        insecure: SandboxOpenings = [],
        capabilities: [String] = []
    ) throws -> PlannedPod {
        var host = HostFacts()
        host.appArmor = appArmor
        var options = StartOptions()
        options.insecure = insecure
        var isolators: [Isolator] = []
        if let wish { isolators.append(.apparmorProfile(wish)) }
        if !capabilities.isEmpty { isolators.append(.capabilitiesRetain(capabilities)) }
        let manifest = try Samples.manifest(Samples.aci()) { $0.isolators = isolators }
        return try Samples.plan(manifest, host: host, options: options)
    }

    private func label(_ planned: PlannedPod) -> String? { planned.plan.apps.first?.process.label }

    @Test func theEnginesProfileIsTheDefault() throws {
        let planned = try plan(.on(["rkt-default", "rkt-web"]))
        #expect(label(planned) == "rkt-default")
        #expect(planned.warnings.isEmpty)
    }

    @Test(arguments: [AppArmor.off, .outOfReach, .on([])])
    func withoutAppArmorThereIsNone(_ appArmor: AppArmor) throws {
        #expect(try label(plan(appArmor)) == "")
    }

    @Test func anImageChoosesAmongProfilesForPods() throws {
        #expect(try label(plan(.on(["rkt-default", "rkt-web"]), wish: "rkt-web")) == "rkt-web")
    }

    /// R8: what it says about itself never opens anything (CVE-2014-6408).
    @Test(arguments: ["unconfined", "/usr/sbin/cupsd", "rkt-lax", "rkt-open", "rkt-default//&x"])
    func anImageCannotChooseToBeUnconfined(_ wish: String) {
        let profiles = AppArmor.podProfiles(in: Array(Self.list.utf8))
        #expect(reason { _ = try plan(.on(profiles), wish: wish) }.contains("AppArmor"))
    }

    @Test func aWishWithoutAppArmorIsAWarning() throws {
        let planned = try plan(.off, wish: "rkt-web")
        #expect(label(planned) == "" && planned.warnings.count == 1)
    }

    /// The paths that the option opens are what the profile closes.
    @Test func theOperatorTakesItOffWithThePaths() throws {
        let profiles = AppArmor.on(["rkt-default"])
        #expect(try label(plan(profiles, insecure: .paths)) == "")
        #expect(try label(plan(profiles, insecure: [.capabilities, .seccomp])) == "rkt-default")
    }

    /// What kernels don't ask the label, the filter answers.
    @Test func theFilterKnowsThatTheLabelForbidsMounts() throws {
        let administrator = ["CAP_SYS_ADMIN"]
        let with = try plan(.on(["rkt-default"]), capabilities: administrator).plan.apps[0].process
        let without = try plan(.off, capabilities: administrator).plan.apps[0].process
        #expect(with.seccomp != without.seccomp)
    }

    @Test func enterGetsTheSame() throws {
        let plan = try plan(.on(["rkt-default"])).plan
        let stored = try #require(StoredAppPlan(app: "app", in: plan.encoded()))
        #expect(stored.process.label == "rkt-default")
    }
}
