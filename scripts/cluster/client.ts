import {
  AppsV1Api,
  BatchV1Api,
  type Configuration,
  CoreV1Api,
  createConfiguration,
  KubeConfig,
  ServerConfiguration,
} from "@kubernetes/client-node";
import { Failure } from "./failure";
import { kubeconfigFiles, mergeKubeconfigs } from "./kubeconfig";

/** A cluster of the kubeconfig; nothing is asked of it before the first call. */
export interface Cluster {
  readonly context: string;
  readonly server: string;
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
}

/** A single answer takes no longer. Milliseconds. */
const ANSWER_WITHIN = 15_000;

/** @throws Failure when there is no kubeconfig, or it has no such context. */
export function connect({ context }: { readonly context?: string } = {}): Cluster {
  const config = loadKubeconfig();
  if (context !== undefined) config.setCurrentContext(context);
  const name = config.getCurrentContext();
  const cluster = knownContext(config, name);
  const configuration = apiConfiguration(config, cluster.server);
  return {
    context: name,
    server: cluster.server,
    config,
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
  };
}

function loadKubeconfig(): KubeConfig {
  const { named, found } = kubeconfigFiles(process.env);
  const config = new KubeConfig();
  if (found.length > 0) config.loadFromOptions(mergeKubeconfigs(found.map(readKubeconfig)));
  else if (process.env.KUBERNETES_SERVICE_HOST && !process.env.KUBECONFIG) config.loadFromCluster();
  else
    throw new Failure(
      `There is no kubeconfig: ${named.join(", ")} doesn't exist. Set KUBECONFIG to the file that says how to reach the cluster.`,
    );
  return config;
}

function readKubeconfig(path: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (error) {
    throw new Failure(`The kubeconfig ${path} can't be read: ${(error as Error).message}`);
  }
  return config;
}

function knownContext(config: KubeConfig, name: string) {
  const names = config.getContexts().map((one) => one.name);
  const known = names.length > 0 ? `It has: ${names.join(", ")}.` : "It has none.";
  if (!name)
    throw new Failure(`The kubeconfig names no current context. Say which: --context. ${known}`);
  if (!names.includes(name)) throw new Failure(`The kubeconfig has no context "${name}". ${known}`);
  const cluster = config.getCurrentCluster();
  if (!cluster?.server)
    throw new Failure(`The context "${name}" of the kubeconfig names a cluster that isn't in it.`);
  return cluster;
}

function apiConfiguration(config: KubeConfig, server: string): Configuration {
  return createConfiguration({
    baseServer: new ServerConfiguration(server.replace(/\/$/, ""), {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: (request) => {
          request.setSignal(AbortSignal.timeout(ANSWER_WITHIN));
          return Promise.resolve(request);
        },
        post: (response) => Promise.resolve(response),
      },
    ],
  });
}
