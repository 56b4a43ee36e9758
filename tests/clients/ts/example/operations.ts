// What the first integration asks for. Types of variables and answers are generated from the schema.

import { graphql } from "./__generated__";

export const SignIn = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      accessToken
      viewer { member { email role } tenant { name } }
    }
  }
`);

export const DraftPolicy = graphql(`
  mutation DraftPolicy($input: DraftPolicyVersionInput!) {
    draftPolicyVersion(input: $input) { policyVersion { id number } }
  }
`);

export const PostPolicy = graphql(`
  mutation PostPolicy($input: PostPolicyVersionInput!) {
    postPolicyVersion(input: $input) { policyVersion { number status } }
  }
`);

export const CreateList = graphql(`
  mutation CreateList($input: CreateMailingListInput!) {
    createMailingList(input: $input) { mailingList { id } }
  }
`);

export const CreateForm = graphql(`
  mutation CreateForm($input: CreateCollectionPointInput!) {
    createCollectionPoint(input: $input) { collectionPoint { slug formUrl } }
  }
`);

export const Subscribe = graphql(`
  mutation Subscribe($input: SubscribeInput!) {
    subscribe(input: $input) { status reason subscriber { id } }
  }
`);

export const Decision = graphql(`
  query Decision($subscriberId: ID!, $purpose: String!) {
    consentDecision(subscriberId: $subscriberId, purpose: $purpose) {
      allowed
      refusal
      record { state source policyVersion { number } }
    }
  }
`);

export const CreateCampaign = graphql(`
  mutation CreateCampaign($input: CreateCampaignInput!) {
    createCampaign(input: $input) { campaign { id status } warnings }
  }
`);

export const ScheduleCampaign = graphql(`
  mutation ScheduleCampaign($input: ScheduleCampaignInput!) {
    scheduleCampaign(input: $input) { campaign { id status } }
  }
`);

export const WatchCampaign = graphql(`
  subscription WatchCampaign($id: ID!) {
    campaignProgress(id: $id) { total queued sent refused { reason count } }
  }
`);

export const Deliveries = graphql(`
  query Deliveries($id: ID!, $after: String) {
    campaign(id: $id) {
      status
      deliveries(first: 50, after: $after) {
        edges { node { id status refusal subscriber { email } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const ImportSubscribers = graphql(`
  mutation ImportSubscribers($input: ImportSubscribersInput!) {
    importSubscribers(input: $input) { import { id status } }
  }
`);

export const Import = graphql(`
  query Import($id: ID!) {
    import(id: $id) { status encoding rowsImported peopleNew }
  }
`);
