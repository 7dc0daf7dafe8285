// Walks the main job with the published client library: "prepare" makes what an agent needs to join; "deploy" does the rest.
// The last line of the output is JSON with what was found; the Go test checks it.
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import octopus from "@octopusdeploy/api-client";

const space = "Default";
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const client = await octopus.Client.create({
  userAgentApp: "mantle-interop", instanceURL: process.env.OCTOPUS_URL, apiKey: process.env.OCTOPUS_API_KEY, logging: quiet,
});

async function prepare() {
  const server = await client.getServerInformation();
  const environments = new octopus.EnvironmentRepository(client, space);
  const made = [];
  for (const name of ["Development", "Production"]) {
    made.push(await environments.create({ Name: name }));
  }
  const found = await environments.list({ partialName: "prod", take: 10 });
  assert.deepEqual(found.Items.map((e) => e.Id), [made[1].Id]);
  made[0].Description = "where it is tried";
  assert.equal((await environments.modify(made[0])).Description, "where it is tried");
  return { version: server.version, environments: made.map((e) => e.Name) };
}

// pack makes a package with the library's own builder.
async function pack(version) {
  const dir = await mkdtemp(path.join(tmpdir(), "package-"));
  await writeFile(path.join(dir, "hello.txt"), `hello ${version}\n`);
  const file = await new octopus.ZipPackageBuilder().pack({
    packageId: "Acme.Web", version, basePath: dir, inputFilePatterns: ["*.txt"], outputFolder: dir, overwrite: true, logger: quiet,
  });
  return path.join(dir, file);
}

function action(name, type, properties, packages = []) {
  return { Name: name, ActionType: type, Properties: properties, Packages: packages };
}

function step(name, role, ...actions) {
  return {
    Name: name, Condition: "Success", StartTrigger: "StartAfterPrevious", PackageRequirement: "LetOctopusDecide",
    Properties: { "Octopus.Action.TargetRoles": role }, Actions: actions,
  };
}

async function makeProject() {
  const group = await new octopus.ProjectGroupRepository(client, space).create({ Name: "Web" });
  const lifecycles = await new octopus.LifecycleRepository(client, space).list({ partialName: "Default Lifecycle", take: 1 });
  const projects = new octopus.ProjectRepository(client, space);
  const project = await projects.create({ Name: "Acme", ProjectGroupId: group.Id, LifecycleId: lifecycles.Items[0].Id });
  assert.deepEqual((await projects.get(project.Id)).Name, "Acme");
  const processes = new octopus.DeploymentProcessRepository(client, space);
  const process = await processes.get(project);
  process.Steps = [
    step("Greet", "web", action("Greet", "Octopus.Script", {
      "Octopus.Action.Script.ScriptSource": "Inline", "Octopus.Action.Script.Syntax": "Bash", "Octopus.Action.RunOnServer": "false",
      "Octopus.Action.Script.ScriptBody": 'echo "release #{Octopus.Release.Number} to #{Octopus.Environment.Name}"',
    })),
    step("Install", "web", action("Install", "Octopus.TentaclePackage", {
      "Octopus.Action.Package.PackageId": "Acme.Web", "Octopus.Action.Package.FeedId": "feeds-builtin", "Octopus.Action.Package.DownloadOnTentacle": "False",
    }, [{ Name: "", PackageId: "Acme.Web", FeedId: "feeds-builtin", AcquisitionLocation: "Server", Properties: {} }])),
  ];
  const updated = await processes.update(project, process);
  assert.deepEqual(updated.Steps.map((s) => s.Name), ["Greet", "Install"]);
  return project;
}

async function deploy() {
  const project = await makeProject();
  const packages = new octopus.PackageRepository(client, space);
  await packages.push([await pack("1.0.0")], octopus.OverwriteMode.FailIfExists);
  await assert.rejects(async () => packages.push([await pack("1.0.0")], octopus.OverwriteMode.FailIfExists));
  await packages.push([await pack("1.0.0")], octopus.OverwriteMode.OverwriteExisting);
  assert.equal((await packages.list({ nuGetPackageId: "Acme.Web", take: 5 })).Items[0].Version, "1.0.0");

  const releases = new octopus.ReleaseRepository(client, space);
  const release = await releases.create({ spaceName: space, ProjectName: project.Name, ReleaseVersion: "1.2.3", PackageVersion: "1.0.0", ReleaseNotes: "first" });
  assert.equal((await releases.get(release.ReleaseId)).Version, "1.2.3");
  assert.equal((await releases.listForProject(project.Id)).TotalResults, 1);

  const deployments = new octopus.DeploymentRepository(client, space);
  const { DeploymentServerTasks: asked } = await deployments.create({
    spaceName: space, ProjectName: project.Name, ReleaseVersion: "1.2.3", EnvironmentNames: ["Development"],
  });
  assert.equal(asked.length, 1);
  const states = new Set();
  const ended = await new octopus.ServerTaskWaiter(client, space).waitForServerTaskToComplete(asked[0].ServerTaskId, 200, 120_000, (task) => states.add(task.State));
  const tasks = new octopus.SpaceServerTaskRepository(client, space);
  const details = await tasks.getDetails(asked[0].ServerTaskId);
  const raw = await tasks.getRaw(asked[0].ServerTaskId);
  if (!ended.FinishedSuccessfully) {
    console.error(raw);
  }
  const deployment = await deployments.get(asked[0].DeploymentId);
  return {
    task: ended.Id, state: ended.State, success: ended.FinishedSuccessfully, duration: ended.Duration, sameTask: deployment.TaskId === ended.Id,
    blocks: flatten(details.ActivityLogs), raw: String(raw), files: [project.Id, release.ReleaseVersion],
  };
}

// flatten lists every block with its depth, its status and its lines.
function flatten(elements, depth = 0) {
  return elements.flatMap((e) => [
    { name: e.Name, depth, status: e.Status, lines: e.LogElements.map((l) => l.MessageText) }, ...flatten(e.Children, depth + 1),
  ]);
}

const phases = { prepare, deploy };
console.log(JSON.stringify(await phases[process.argv[2]]()));
process.exit(); // the library leaves the timer of its waiter running
